// @ts-check
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

/**
 * Does `work` while no other process of this machine does work under the same name.
 * The lock is a socket in the kernel's abstract namespace: however its holder ends, it is free then, and no file is
 * left that somebody would have to judge.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @param {() => void} [onWait] called once, when another holds the lock
 * @returns {Promise<T>}
 */
export async function withLock(name, work, onWait) {
  const socket = `\0mcp-infra-${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
  let held = await listen(socket);
  if (!held) onWait?.();
  while (!held) {
    await setTimeout(300);
    held = await listen(socket);
  }
  try {
    return await work();
  } finally {
    held.close();
  }
}

/** @returns {Promise<import("node:net").Server | undefined>} nothing when another process listens there */
function listen(/** @type {string} */ socket) {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.on("error", (error) =>
      "code" in error && error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(socket, () => resolve(server));
  });
}
