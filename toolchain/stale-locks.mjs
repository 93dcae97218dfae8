// @ts-check
import { readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { say } from "./checkout.mjs";

/**
 * Removes the locks that a Pulumi of this machine left in a file backend when it was killed: a lock names its process,
 * and that process is gone. Locks of others stay.
 * @param {string} backend directory of the backend
 */
export async function removeStaleLocks(backend) {
  const locks = join(backend, ".pulumi", "locks");
  const names = await readdir(locks, { recursive: true }).catch(() => []);
  for (const path of names.filter((name) => name.endsWith(".json")).map((name) => join(locks, name))) {
    const { pid, hostname: host } = await readFile(path, "utf8").then(JSON.parse, () => ({}));
    if (typeof pid !== "number" || host !== hostname() || isAlive(pid)) continue;
    say(`Removing the lock of an earlier run that was killed (process ${pid}).`);
    await rm(path, { force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
