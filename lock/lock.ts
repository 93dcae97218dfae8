import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { unqualified } from "../gateway/access.ts";
import { type Catalogue, type Kind, kinds } from "./kinds.ts";

/** Version of the file's form. It goes up whenever an older reader would misread it. */
export const lockVersion = 1;

/** One definition as its server sent it, with all identities that see it so. */
const entrySchema = z.strictObject({
  seenBy: z.array(z.string()).min(1),
  definition: z.record(z.string(), z.unknown()),
});

/** By the name that callers know, or the URI. Servers may show different definitions to different identities. */
const entriesSchema = z.record(z.string(), z.array(entrySchema).min(1));

/** What a lock file holds: what was agreed on, for every identity. */
export const lockSchema = z.strictObject({
  version: z.literal(lockVersion),
  stack: z.string(),
  gateway: z.string(),
  tools: entriesSchema,
  prompts: entriesSchema,
  resources: entriesSchema,
  resourceTemplates: entriesSchema,
});

/** What was agreed on. */
export type Lock = z.output<typeof lockSchema>;

/** One definition in it. */
export type LockEntry = z.output<typeof entrySchema>;

/** What live identities see, as a lock. The order of identities and of definitions makes no difference. Pure. */
export function lockOf(
  { stack, gateway }: Pick<Lock, "stack" | "gateway">,
  catalogues: Readonly<Record<string, Catalogue>>,
): Lock {
  const entries = (kind: Kind) => {
    const found: Record<string, LockEntry[]> = {};
    for (const identity of Object.keys(catalogues).sort()) {
      for (const listed of catalogues[identity]?.[kind] ?? []) {
        const { key, definition } = named(kind, listed);
        const same = found[key]?.find((entry) => isDeepStrictEqual(entry.definition, definition));
        if (same) same.seenBy.push(identity);
        else found[key] = [...(found[key] ?? []), { seenBy: [identity], definition }];
      }
    }
    return Object.fromEntries(Object.entries(found).sort(([one], [other]) => (one < other ? -1 : 1)));
  };
  const parts = (Object.keys(kinds) as Kind[]).map((kind) => [kind, entries(kind)]);
  return lockSchema.parse({ version: lockVersion, stack, gateway, ...Object.fromEntries(parts) });
}

/** A definition under the name that callers know, with the name that its server gives it. */
function named(kind: Kind, listed: Record<string, unknown>) {
  const own = { ...listed, name: unqualified(String(listed.name ?? ""))?.name ?? listed.name };
  return { key: String(listed[kinds[kind].key]), definition: own };
}
