import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa, execaSync } from "execa";

/** A program that judges what is generated, and the Debian package that has it. */
export interface DebianTool {
  name: string;
  package: string;
}

const cacheDirectory = () =>
  process.env.MCP_INFRA_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mcp-infra");

const runs = (command: string) => execaSync(command, ["--version"], { reject: false }).exitCode === 0;

/** Unpacks Debian's package rather than installing it: an installation would start a service. */
function unpackInto(place: string, tool: DebianTool): void {
  mkdirSync(cacheDirectory(), { recursive: true });
  const work = mkdtempSync(join(cacheDirectory(), `${tool.name}-`));
  try {
    const download = () => execaSync("apt-get", ["download", tool.package], { cwd: work, reject: false });
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
    throw new Error(`these tests need ${tool.name}: put it on PATH, or run them where apt-get works`, {
      cause,
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Command of a tool that runs: the one on PATH, else the one in the cache, fetched there when missing. */
export function findTool(tool: DebianTool): string {
  if (runs(tool.name)) return tool.name;
  const place = join(cacheDirectory(), tool.name);
  const command = join(place, "usr", "bin", tool.name);
  if (!runs(command)) unpackInto(place, tool);
  return command;
}

/** Runs a tool in a directory; a verdict against the files is an exit code, not an exception. */
export async function runTool(
  tool: DebianTool,
  directory: string,
  ...parameters: string[]
): Promise<{ exitCode: number | undefined; output: string }> {
  const result = await execa(findTool(tool), parameters, { cwd: directory, reject: false, all: true });
  return { exitCode: result.exitCode, output: result.all };
}
