// @ts-check
import { readFile } from "node:fs/promises";
import { delimiter, join, sep } from "node:path";
import { checkout, Refusal, say } from "./checkout.mjs";
import { run } from "./run.mjs";

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} Packages */

/** Installs the locked packages when they are missing or are not the locked ones. */
export async function installPackages() {
  if (await areInstalled()) return;
  say("Installing the locked npm packages …");
  const code = await run("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: checkout,
    env: environmentWithoutOurNode(),
    quiet: true,
  });
  if (code !== 0)
    throw new Refusal("`npm ci` failed; its own words are above. Put that right and run this again.");
}

/** Compares contents, not times: npm writes the two files in no dependable order, and a checkout sets new times. */
async function areInstalled() {
  const wanted = await packagesOf("package-lock.json");
  const present = await packagesOf(join("node_modules", ".package-lock.json")).catch(() => undefined);
  if (!present) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    const found = present[path];
    return found ? found.version === version && found.integrity === integrity : optional === true;
  });
}

/** @returns {Promise<Packages>} */
async function packagesOf(/** @type {string} */ lockFile) {
  return JSON.parse(await readFile(join(checkout, lockFile), "utf8")).packages;
}

/** `npm ci` deletes node_modules, and with it the Node 24 that an npm script would otherwise run it with. */
function environmentWithoutOurNode() {
  const ours = join("node_modules", ".bin");
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.endsWith(sep + ours));
  return { ...process.env, PATH: path.join(delimiter) };
}
