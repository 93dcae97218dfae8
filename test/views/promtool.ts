import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa, execaSync } from "execa";

const cacheDirectory = () =>
  process.env.MCP_INFRA_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mcp-infra");

const runs = (command: string) => execaSync(command, ["--version"], { reject: false }).exitCode === 0;

/** Unpacks Debian's package rather than installing it: an installation would start a Prometheus service. */
function unpackInto(place: string): void {
  mkdirSync(cacheDirectory(), { recursive: true });
  const work = mkdtempSync(join(cacheDirectory(), "promtool-"));
  try {
    const download = () => execaSync("apt-get", ["download", "prometheus"], { cwd: work, reject: false });
    // A fresh machine or container has no package lists yet.
    if (download().exitCode !== 0) {
      execaSync("apt-get", ["update"]);
      const second = download();
      if (second.exitCode !== 0) throw new Error(String(second.stderr));
    }
    const archive = readdirSync(work).find((file) => file.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get download left no package");
    execaSync("dpkg", ["-x", join(work, archive), join(work, "unpacked")]);
    // A rename is atomic, so of two test runs at once each finds a whole directory or none.
    if (!existsSync(place)) renameSync(join(work, "unpacked"), place);
  } catch (cause) {
    if (existsSync(place)) return;
    throw new Error("these tests need promtool: put it on PATH, or run them where apt-get works", { cause });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Command of a promtool that runs: the one on PATH, else the one in the cache, fetched there when missing. */
export function findPromtool(): string {
  if (runs("promtool")) return "promtool";
  const place = join(cacheDirectory(), "promtool");
  const command = join(place, "usr", "bin", "promtool");
  if (!runs(command)) unpackInto(place);
  return command;
}

/** Runs promtool in a directory; a verdict against the files is an exit code, not an exception. */
export async function promtool(
  directory: string,
  ...parameters: string[]
): Promise<{ exitCode: number | undefined; output: string }> {
  const result = await execa(findPromtool(), parameters, { cwd: directory, reject: false, all: true });
  return { exitCode: result.exitCode, output: result.all };
}
