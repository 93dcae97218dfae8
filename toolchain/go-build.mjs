// @ts-check
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Refusal, say } from "./checkout.mjs";

/**
 * Runs `go build -v`, and turns its one line a package into one line of progress.
 * @param {string[]} args what follows `go build -v`
 * @param {{ cwd: string, what: string, withoutGo: string }} options
 *   `what` is built, for the message when it fails; `withoutGo`: what to tell who has no Go.
 */
export async function goBuild(args, { cwd, what, withoutGo }) {
  const started = Date.now();
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  const child = spawn("go", ["build", "-v", ...args], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  /** @type {string[]} */
  const lines = [];
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));

  const report = () => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const downloads = lines.filter((line) => line.startsWith("go: downloading")).length;
    say(`  ${seconds} s: ${downloads} modules fetched, ${lines.length - downloads} packages compiled`);
  };
  const progress = setInterval(report, process.stderr.isTTY ? 5_000 : 20_000);
  const stop = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    report();
    if (code !== 0) throw new Refusal(`Building ${what} failed:\n${lines.slice(-15).join("\n")}`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") throw new Refusal(withoutGo);
    throw error;
  } finally {
    clearInterval(progress);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
