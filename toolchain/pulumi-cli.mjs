// @ts-check
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { buildPulumi } from "./build-pulumi.mjs";
import { cacheDirectory, checkout, say } from "./checkout.mjs";

/**
 * The CLI to use. `ownBuild`: it is ours, and so has no Node language host beside it.
 * @typedef {{ path: string, ownBuild: boolean }} PulumiCli
 */

/** The oldest official CLI whose engine and Node host do all that the stacks here need. */
const oldest = [3, 238, 0];

const sources = join(checkout, "toolchain", "pulumi-cli");

/**
 * An official `pulumi` on PATH if there is one, else the one built before, else one built now.
 * @returns {Promise<PulumiCli>}
 */
export async function findPulumi() {
  const path = await cachedPath();
  const official = await pulumiOnPath(path);
  if (official) return { path: official, ownBuild: false };
  if (!(await isExecutable(path))) await buildPulumi({ sources, version: await wantedVersion(), path });
  return { path, ownBuild: true };
}

/** Our own build is on PATH too, in whatever we started; that is not the official one. */
async function pulumiOnPath(/** @type {string} */ ownPath) {
  for (const directory of (process.env.PATH ?? "").split(delimiter).filter(Boolean)) {
    const path = join(directory, "pulumi");
    if (path === ownPath || !(await isExecutable(path))) continue;
    const version = await versionOf(path);
    if (version && isRecent(version)) return path;
    say(
      `Not using ${path} (${version ?? "it did not tell its version"}): ${oldest.join(".")} or newer is needed.`,
    );
  }
  return undefined;
}

/** A short deadline: behind a broken proxy the CLI may wait for the network even here. */
async function versionOf(/** @type {string} */ path) {
  try {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    return (await promisify(execFile)(path, ["version"], { timeout: 5_000, env })).stdout.trim();
  } catch {
    return undefined;
  }
}

/** @param {string} version such as v3.255.0 or v3.255.0-alpha.1 */
function isRecent(version) {
  const numbers = version.match(/\d+/g)?.slice(0, 3).map(Number) ?? [];
  const differing = oldest.findIndex((number, index) => number !== numbers[index]);
  return differing < 0 || (numbers[differing] ?? 0) > (oldest[differing] ?? 0);
}

/** The cache is shared by all checkouts of a user; the hash of what goes into a build names it. */
async function cachedPath() {
  const hash = createHash("sha256");
  for (const file of ["go.sum", "pulumi-language-nodejs"]) hash.update(await readFile(join(sources, file)));
  return join(
    cacheDirectory(),
    "pulumi",
    `${await wantedVersion()}-${hash.digest("hex").slice(0, 12)}`,
    "pulumi",
  );
}

async function wantedVersion() {
  const goMod = await readFile(join(sources, "go.mod"), "utf8");
  const version = goMod.match(/github\.com\/pulumi\/pulumi\/pkg\/v3 (v\S+)/)?.[1];
  if (!version) throw new Error(`${sources}/go.mod names no version of github.com/pulumi/pulumi/pkg/v3`);
  return version;
}

async function isExecutable(/** @type {string} */ path) {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
