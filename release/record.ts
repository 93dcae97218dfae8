import { createHash } from "node:crypto";
import { z } from "zod";

/** Version of the file's form. It goes up whenever an older reader would misread it. */
export const recordVersion = 1;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "is no lower-case hex SHA-256");

/** What a server was started from. */
const artifactSchema = z.union([
  /** An npm package of one version, and what its registry vouches for. */
  z.strictObject({
    package: z.string().regex(/^npm:.+@.+$/),
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]+=*$/),
  }),
  /** A container image by digest. */
  z.strictObject({ image: z.string().regex(/@sha256:[0-9a-f]{64}$/) }),
  /** A command of the machine: nothing that could be had elsewhere, so it can't be promoted. */
  z.strictObject({ command: z.string() }),
  /** Runs elsewhere: each environment names its own, and nothing is put in its place. */
  z.strictObject({ remote: z.string() }),
]);

/** How a release was proved, and where: a promotion copies it, and only a release in the new stack replaces it. */
const evidenceSchema = z.strictObject({
  stack: z.string(),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** Of the program. */
  commit: z.string().regex(/^[0-9a-f]{40,64}$/),
  /** How many findings of each level a preview with the policy pack had; mandatory ones refuse the release. */
  policies: z.strictObject({ mandatory: z.literal(0), advisory: z.int().min(0) }),
  /** A green smoke test, by the hash of its report. */
  smoke: z.strictObject({ checks: z.int().min(1), finishedAt: z.iso.datetime(), sha256: sha256Schema }),
});

const recordSchema = z.strictObject({
  version: z.literal(recordVersion),
  stack: z.string(),
  gateway: z.string(),
  /** The stack that it was promoted from, and that stack's record; absent where the program alone says what runs. */
  promotedFrom: z.strictObject({ stack: z.string(), sha256: sha256Schema }).optional(),
  /** The record that this one took the place of: what a rollback returns to. */
  previous: sha256Schema.optional(),
  /** By the server's name. */
  artifacts: z.record(z.string(), artifactSchema),
  catalogue: z.strictObject({
    /** Of the whole lock, canonical: definitions of tools, prompts and resources, by who sees them. */
    sha256: sha256Schema,
    /** Of each tool's definition, by identity and server: what a gateway is pinned to. */
    pinned: z.record(
      z.string(),
      z.strictObject({ tools: z.record(z.string(), z.record(z.string(), sha256Schema)) }),
    ),
  }),
  evidence: evidenceSchema,
});

/** What a server was started from. */
export type Artifact = z.output<typeof artifactSchema>;

/** How and where a release was proved. */
export type Evidence = z.output<typeof evidenceSchema>;

/** What is, or shall be, live in a stack, with the evidence for it. */
export type ReleaseRecord = z.output<typeof recordSchema>;

/** Why a release record can't be used, and what to do, in words for people. */
export class ReleaseError extends Error {}

const remedy = "restore it from version control";

/**
 * @param path as errors call it
 * @param stack the stack that it has to be of
 * @throws ReleaseError when it is damaged, of a newer version or of another stack
 */
export function parseRecord(text: string, path: string, stack: string): ReleaseRecord {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new ReleaseError(`${path} is no JSON: ${remedy}`);
  }
  const { version } = (content ?? {}) as { version?: unknown };
  if (typeof version === "number" && version > recordVersion)
    throw new ReleaseError(
      `${path} is of version ${version}, and this mcp-infra knows ${recordVersion}: update mcp-infra`,
    );
  const read = recordSchema.safeParse(content);
  if (!read.success) {
    const where = read.error.issues.map(({ path: at }) => at.join(".") || "the whole").slice(0, 5);
    throw new ReleaseError(`${path} is no release record: ${where.join(", ")}; ${remedy}`);
  }
  if (read.data.stack !== stack)
    throw new ReleaseError(
      `${path} is the release of stack ${read.data.stack}, and this is stack ${stack}: ${remedy}`,
    );
  return read.data;
}

/** A record as text, in an order that makes no differences of its own. */
export function renderRecord(record: ReleaseRecord): string {
  // The schema gives its own fields their order; the names in between are sorted.
  return `${JSON.stringify(sorted(recordSchema.parse(record)), undefined, 2)}\n`;
}

/** What names a record: the hash of its text. */
export function hashOf(record: ReleaseRecord): string {
  return sha256(renderRecord(record));
}

/** Lower-case hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function sorted(record: ReleaseRecord): ReleaseRecord {
  return {
    ...record,
    artifacts: byName(record.artifacts),
    catalogue: { ...record.catalogue, pinned: deepByName(record.catalogue.pinned) },
  };
}

function byName<Value>(entries: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(entries).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function deepByName<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, deepByName(each)] as const);
  return byName(Object.fromEntries(entries)) as Value;
}
