import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { packageFolder } from "../components/targets/local/provider/package-cache.ts";
import type { PinnedPackage } from "../gateway/packages/npm-package.ts";

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional() })),
});

/** What npm vouches for of a package: by what is installed here, else by the registry; `undefined` when it is nowhere. */
export async function integrityOf(wanted: PinnedPackage): Promise<string | undefined> {
  return installed(wanted) ?? (await registered(wanted));
}

function installed(wanted: PinnedPackage): string | undefined {
  try {
    const lock = readFileSync(path.join(packageFolder(wanted), "package-lock.json"), "utf8");
    return lockSchema.parse(JSON.parse(lock)).packages[`node_modules/${wanted.name}`]?.integrity;
  } catch {
    return undefined;
  }
}

async function registered({ name, version }: PinnedPackage): Promise<string | undefined> {
  const { stdout, exitCode } = await execa(
    "npm",
    ["view", `${name}@${version}`, "dist.integrity", "--json", "--fetch-retries=0"],
    // A question of nobody's project, asked where packages are installed from.
    { cwd: "/", reject: false, timeout: 20_000, stdin: "ignore" },
  );
  if (exitCode !== 0) return undefined;
  const answer: unknown = JSON.parse(stdout || "null");
  return typeof answer === "string" ? answer : undefined;
}
