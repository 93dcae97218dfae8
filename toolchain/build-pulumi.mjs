// @ts-check
import { spawn } from "node:child_process";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Refusal, say } from "./checkout.mjs";

const tool = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const versionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/**
 * Builds the Pulumi CLI from the Go module proxy, for machines that can't reach Pulumi's download site.
 * The result appears under its name only when it is whole, so that builds at the same time do no harm.
 * @param {{ sources: string, version: string, path: string }} build
 */
export async function buildPulumi({ sources, version, path }) {
  say(`There is no Pulumi CLI on PATH. Building ${version} from source, once: this takes 3 to 10 minutes.`);
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    const flags = ["-v", "-trimpath", "-ldflags", `-s -w -X ${versionVariable}=${version}`];
    await go(["build", ...flags, "-o", unfinished, tool], sources);
    await copyFile(join(sources, "pulumi-language-nodejs"), join(dirname(path), "pulumi-language-nodejs"));
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Runs `go`, and turns its one line a package into one line of progress. */
async function go(/** @type {string[]} */ args, /** @type {string} */ cwd) {
  const started = Date.now();
  const env = { ...process.env, CGO_ENABLED: "0", GOWORK: "off" };
  const child = spawn("go", args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
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
    if (code !== 0) throw new Refusal(`Building the Pulumi CLI failed:\n${lines.slice(-15).join("\n")}`);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new Refusal(
        "Pulumi is not on this machine, and there is no Go to build it with.\n" +
          "Install Pulumi 3.238 or newer (https://www.pulumi.com/docs/install/), or Go 1.25 or newer, and run this again.",
      );
    }
    throw error;
  } finally {
    clearInterval(progress);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
