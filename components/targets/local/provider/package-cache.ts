import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import {
  binsOf,
  type PinnedPackage,
  packageFolderIn,
  packageRoot,
} from "../../../../gateway/packages/npm-package.ts";
import { PlainError } from "./faults.ts";

/** What the registry says about a package: its commands; that it has no such thing; or that it can't be asked. */
export type RegistryAnswer =
  | { readonly kind: "found"; readonly bins: string[] }
  | { readonly kind: "missing"; readonly reason: string }
  | { readonly kind: "unreachable"; readonly reason: string };

const npmErrorSchema = z.object({
  error: z.object({ code: z.string().optional(), summary: z.string().optional() }),
});
const dayInMilliseconds = 86_400_000;
const installations = new Map<string, Promise<void>>();
const answers = new Map<string, Promise<RegistryAnswer>>();

/** The folder of the cache that holds a package, which is there only when it is complete. */
export function packageFolder(wanted: PinnedPackage): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const root = process.env.MCP_INFRA_CACHE || join(cache, "mcp-infra");
  return packageFolderIn(join(root, "packages"), wanted);
}

/** The commands of a package in the cache; `undefined` when it isn't there. */
export function cachedBins(wanted: PinnedPackage): string[] | undefined {
  try {
    const path = join(packageRoot(packageFolder(wanted), wanted), "package.json");
    return Object.keys(binsOf(JSON.parse(readFileSync(path, "utf8"))));
  } catch {
    return undefined;
  }
}

/** Asks the registry for a package's commands, once in the life of the plugin. */
export function askRegistry(wanted: PinnedPackage): Promise<RegistryAnswer> {
  const key = `${wanted.name}@${wanted.version}`;
  const answer = answers.get(key) ?? ask(wanted);
  answers.set(key, answer);
  return answer;
}

async function ask(wanted: PinnedPackage): Promise<RegistryAnswer> {
  const label = `${wanted.name}@${wanted.version}`;
  const result = await npm(["view", label, "name", "bin", "--json", "--fetch-retries=0"], 20_000);
  if (result.exitCode === 0) {
    try {
      return { kind: "found", bins: Object.keys(binsOf(JSON.parse(result.stdout))) };
    } catch {
      return { kind: "unreachable", reason: `npm's answer for ${label} can't be read` };
    }
  }
  const { code, summary } = npmError(result.stdout);
  if (code === "E404") {
    return {
      kind: "missing",
      reason: summary?.startsWith("No match")
        ? `the npm package ${wanted.name} has no version ${wanted.version}; \`npm view ${wanted.name} versions\` lists what there is`
        : `the npm registry has no package ${wanted.name}; check its name, and that npm is logged in if it is private`,
    };
  }
  return {
    kind: "unreachable",
    reason: `the npm registry can't be asked for ${label} (${code ?? result.reason})`,
  };
}

/** Puts a package into the cache, unless it is there. Others may do the same at the same time. */
export function ensurePackage(wanted: PinnedPackage): Promise<void> {
  const folder = packageFolder(wanted);
  const running = installations.get(folder);
  if (running !== undefined) return running;
  const installation = install(wanted, folder).finally(() => installations.delete(folder));
  installations.set(folder, installation);
  return installation;
}

async function install(wanted: PinnedPackage, folder: string): Promise<void> {
  if (cachedBins(wanted) !== undefined) return;
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  removeAbandoned(parent);
  const temporary = join(parent, `.tmp-${randomUUID()}`);
  mkdirSync(temporary, { mode: 0o700 });
  try {
    writeFileSync(join(temporary, "package.json"), '{ "private": true }\n');
    const label = `${wanted.name}@${wanted.version}`;
    // No scripts: installing a server must not run code of it or of what it depends on.
    const flags = ["--ignore-scripts", "--omit=dev", "--save-exact", "--no-audit", "--no-fund", "--json"];
    const result = await npm(["install", label, ...flags], 300_000, temporary);
    if (result.exitCode !== 0) {
      const { code, summary } = npmError(result.stdout);
      throw new PlainError(`npm could not install ${label}: ${summary ?? code ?? result.reason}`);
    }
    moveIntoPlace(temporary, folder, wanted);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

// A rename is all or nothing, so that a folder in place is always a complete installation.
function moveIntoPlace(temporary: string, folder: string, wanted: PinnedPackage): void {
  try {
    renameSync(temporary, folder);
  } catch (error) {
    if (cachedBins(wanted) !== undefined) return; // Somebody else was faster, with the same.
    if (!existsSync(folder)) throw error;
    rmSync(folder, { recursive: true, force: true }); // Damaged: it has been tampered with.
    renameSync(temporary, folder);
  }
}

function removeAbandoned(parent: string): void {
  for (const entry of readdirSync(parent)) {
    const path = join(parent, entry);
    if (
      entry.startsWith(".tmp-") &&
      Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > dayInMilliseconds
    ) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function npmError(stdout: string): { code?: string; summary?: string } {
  try {
    return npmErrorSchema.parse(JSON.parse(stdout)).error;
  } catch {
    return {};
  }
}

// A question is asked from nowhere, as an installation is made: with the `.npmrc` of whatever folder this happens to
// run in, npm could ask one registry and install from another.
async function npm(args: string[], timeout: number, cwd = "/") {
  // npm has no business with Pulumi's passphrase and tokens; all else of the environment may configure it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PULUMI_")));
  const result = await execa("npm", args, {
    env,
    extendEnv: false,
    cwd,
    timeout,
    reject: false,
    stdin: "ignore",
  });
  const reason = result.timedOut
    ? "no answer in time"
    : result.code === "ENOENT"
      ? "npm is not on PATH"
      : "npm failed";
  return { exitCode: result.exitCode, stdout: result.stdout, reason };
}
