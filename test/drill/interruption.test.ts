import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";

const program = `
import { inOrder } from ${JSON.stringify(new URL("../../cli/interruption.ts", import.meta.url))};
import { once } from "node:events";
const restored = await inOrder(async (signal) => {
  process.stdout.write("disturbed\\n");
  const alive = setInterval(() => {}, 1_000);
  await once(signal, "abort");
  await once(process.stdin, "data"); // the restoration takes as long as the test likes
  clearInterval(alive);
  return 7;
}, () => { process.stderr.write("restoring\\n"); process.stdout.write("restoring\\n"); });
process.exit(restored);
`;

test.each(["SIGHUP", "SIGINT", "SIGTERM"] as const)(
  "what %s interrupts is brought to its end, whatever comes after it and whoever still listens",
  async (signal) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
    const exited = once(child, "exit");
    child.stderr.destroy();
    await once(child.stdout, "data");
    child.kill(signal);
    await once(child.stdout, "data");
    for (const again of ["SIGINT", "SIGTERM", "SIGHUP"] as const) child.kill(again);
    child.stdin.end("go on");
    expect(await exited).toEqual([7, null]);
  },
);
