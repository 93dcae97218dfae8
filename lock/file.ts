import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse, stringify, YAMLParseError } from "yaml";
import { type Lock, lockSchema, lockVersion } from "./lock.ts";

/** Why a lock file can't be used, and what to do, in words for people. */
export class LockError extends Error {}

const heading = `What this stack's consumers see of its servers, as it was agreed on. Written by \`mcp-infra lock\`: review
its differences as you review code; they are what reaches the models.`;

/** A lock as text: YAML, so that a changed description reads as lines, in an order that makes no differences of its own. */
export function renderLock(lock: Lock): string {
  const asLines = bodyOf(lock, "literal");
  // Not every text survives as lines, such as a space and a line's end; what is read again must be what was locked.
  const body = isDeepStrictEqual(parse(asLines), lock) ? asLines : bodyOf(lock, false);
  return `${heading.replace(/^/gm, "# ")}\n${body}`;
}

function bodyOf(lock: Lock, blockQuote: "literal" | false): string {
  return stringify(lock, {
    sortMapEntries: (one, other) =>
      rank(String(one.key)) - rank(String(other.key)) || compare(one.key, other.key),
    lineWidth: 0,
    blockQuote,
    aliasDuplicateObjects: false,
  });
}

/** What names a thing stands first, so that a difference can be read from its top. */
const first = ["version", "stack", "gateway", "tools", "prompts", "resources", "resourceTemplates", "seenBy"];
const naming = ["name", "title", "uri", "uriTemplate", "description"];

function rank(key: string): number {
  const index = [...first, ...naming].indexOf(key);
  return index < 0 ? first.length + naming.length : index;
}

function compare(one: unknown, other: unknown): number {
  return String(one) < String(other) ? -1 : 1;
}

const remedy = "restore it from version control, or delete it and run `mcp-infra lock`";

/** @throws LockError */
export function parseLock(text: string, path: string): Lock {
  let content: unknown;
  try {
    content = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const where = error instanceof YAMLParseError && error.linePos ? `, line ${error.linePos[0].line}` : "";
    throw new LockError(`${path}${where} is no YAML; ${remedy}`);
  }
  const { version } = (content ?? {}) as { version?: unknown };
  if (typeof version === "number" && version > lockVersion)
    throw new LockError(
      `${path} is of version ${version}, and this mcp-infra knows ${lockVersion}: update mcp-infra`,
    );
  const read = lockSchema.safeParse(content);
  if (read.success) return read.data;
  const where = read.error.issues.map(({ path: at }) => at.join(".") || "the whole").slice(0, 5);
  throw new LockError(`${path} is no lock file: ${where.join(", ")}; ${remedy}`);
}

/**
 * @param of the stack and gateway that it has to be of; default: any
 * @throws LockError
 */
export function readLockFile(path: string, of?: Pick<Lock, "stack" | "gateway">): Lock {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new LockError(
      code === "ENOENT"
        ? `${path} does not exist; \`mcp-infra lock --file ${path}\` writes it from a live stack`
        : `${path} can't be read (${code})`,
    );
  }
  const lock = parseLock(text, path);
  if (of && (lock.stack !== of.stack || lock.gateway !== of.gateway))
    throw new LockError(
      `${path} is the lock of gateway ${lock.gateway} in stack ${lock.stack}, and this is gateway ${of.gateway} in stack ${of.stack}: name another with --file`,
    );
  return lock;
}

/** Writes a lock. A reader sees the old file or the new, never half of one. */
export function writeLockFile(path: string, lock: Lock): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, renderLock(lock));
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new LockError(`${path} can't be written (${(error as NodeJS.ErrnoException).code})`);
  }
}
