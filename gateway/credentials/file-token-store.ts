import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import pRetry from "p-retry";
import { z } from "zod";
import type { Logger } from "../logging.ts";
import type { Tokens } from "./authorization-server.ts";
import { keyedNames, Seal } from "./seal.ts";
import type { TokenOwner, TokenStore } from "./token-store.ts";

/** A lock older than this, in milliseconds, was left by a process that is gone: no refresh takes so long. */
const LOCK_MS = 30_000;

const tokensSchema = z.object({
  accessToken: z.string(),
  expiresAt: z.number().optional(),
  refreshToken: z.string().optional(),
});

/**
 * Tokens as files in a directory, one for each person and server, encrypted. A file's name says nothing of the two, and
 * its content opens for the same two alone, so that files can't be swapped. Several gateways may share the directory.
 */
export class FileTokenStore implements TokenStore {
  readonly #directory: string;
  readonly #seal: Seal;
  readonly #nameOf: (of: string) => string;
  readonly #logger: Logger;

  constructor(directory: string, secret: string, logger: Logger) {
    this.#directory = directory;
    this.#seal = new Seal(secret, "tokens");
    this.#nameOf = keyedNames(secret);
    this.#logger = logger;
  }

  async read(owner: TokenOwner): Promise<Tokens | undefined> {
    const sealed = await readFile(this.#fileOf(owner)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (!sealed) return undefined;
    const text = this.#seal.open(sealed, contextOf(owner));
    if (text !== undefined) return tokensSchema.parse(JSON.parse(text));
    this.#logger.warn(
      { server: owner.server },
      "kept tokens can't be read: damaged, or of another key, client or resource; consent is asked for anew",
    );
    return undefined;
  }

  async write(owner: TokenOwner, tokens: Tokens): Promise<void> {
    const path = this.#fileOf(owner);
    const draft = `${path}.${randomUUID()}`;
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(this.#seal.close(JSON.stringify(tokens), contextOf(owner)));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }

  async delete(owner: TokenOwner): Promise<void> {
    await rm(this.#fileOf(owner), { force: true });
  }

  async exclusively<T>(owner: TokenOwner, work: () => Promise<T>): Promise<T> {
    const lock = `${this.#fileOf(owner)}.lock`;
    await pRetry(() => taken(lock), { retries: 200, minTimeout: 50, maxTimeout: 200, randomize: true });
    try {
      return await work();
    } finally {
      await rm(lock, { force: true });
    }
  }

  #fileOf({ server, subject }: TokenOwner): string {
    return join(this.#directory, this.#nameOf(JSON.stringify([server, subject])));
  }
}

function contextOf({ server, subject, issuer, clientId, resource }: TokenOwner): string {
  return JSON.stringify([server, subject, issuer, clientId, resource]);
}

/** Takes a lock, or throws. */
async function taken(lock: string): Promise<void> {
  try {
    await (await open(lock, "wx", 0o600)).close();
  } catch (error) {
    const since = await stat(lock).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    if (Date.now() - since > LOCK_MS) await rm(lock, { force: true });
    throw error;
  }
}
