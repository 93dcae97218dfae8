// @ts-check
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

const salt = /^encryptionsalt:.*\r?\n?/m;
const encryptedValue = /^\s*-?\s*secure:/m;

/**
 * Does something with Pulumi, and takes the `encryptionsalt` that Pulumi adds out of the stack files again.
 *
 * Pulumi writes the salt of the passphrase into Pulumi.<stack>.yaml, a committed file, though the state has it
 * too and PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER makes Pulumi read it from there. It only stays beside
 * encrypted values, which are of no use without it.
 *
 * @template T
 * @param {string} directory the project's `stackConfigDir`
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function withoutIdleSalt(directory, action) {
  const before = await stackFiles(directory);
  try {
    return await action();
  } finally {
    for (const [path, text] of await stackFiles(directory)) {
      const earlier = before.get(path);
      if (!salt.test(text) || encryptedValue.test(text)) continue;
      const cleaned = text.replace(salt, "");
      if (earlier === undefined && cleaned.trim() === "") await rm(path);
      // With the salt, Pulumi also quotes numbers and drops blank lines; what else is the same goes back to what it was.
      else await writeFile(path, earlier && (await sayTheSame(earlier, cleaned)) ? earlier : cleaned);
    }
  }
}

/** True when some stack file holds a value that only the present passphrase can open. */
export async function holdEncryptedValues(/** @type {string} */ directory) {
  return [...(await stackFiles(directory)).values()].some((text) => encryptedValue.test(text));
}

/** Compares two stack files as Pulumi does: every plain value is a string. */
async function sayTheSame(/** @type {string[]} */ ...files) {
  const { parse } = await import("yaml");
  const [one, other] = files.map((text) => parse(text, { schema: "failsafe" }));
  return isDeepStrictEqual(one, other);
}

/** @returns {Promise<Map<string, string>>} */
async function stackFiles(/** @type {string} */ directory) {
  const names = await readdir(directory).catch(() => []);
  const paths = names.filter((name) => /^Pulumi\..+\.yaml$/.test(name)).map((name) => join(directory, name));
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return new Map(paths.map((path, index) => [path, texts[index] ?? ""]));
}
