import canonicalize from "canonicalize";
import { unqualified } from "../gateway/access.ts";
import type { Lock } from "./lock.ts";

/** What tools cost a consumer in each conversation before anything is said, in tokens. */
export interface Cost {
  consumer: string;
  /** Absent where there is nothing to compare with. */
  before?: number;
  now: number;
}

/**
 * What the tools that each identity sees take of the model's context: of each its name, description and input schema, which
 * is what clients hand on. Prompts and resources cost nothing until somebody asks for them. An estimate: counted in
 * OpenAI's encoding o200k_base, and other models count in others.
 */
export async function contextCost(now: Lock, before?: Lock): Promise<Cost[]> {
  // Its table takes a third of a second to load, which nobody else has to wait for.
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  // A definition may spell out what is special to a model; that is text like any other.
  const tokens = (text: string) => countTokens(text, { disallowedSpecial: new Set() });
  const costs = new Map(costsIn(now, tokens));
  const earlier = before && new Map(costsIn(before, tokens));
  return [...costs].map(([consumer, count]) => ({
    consumer,
    ...(earlier && { before: earlier.get(consumer) ?? 0 }),
    now: count,
  }));
}

function costsIn({ tools }: Lock, tokens: (text: string) => number): [string, number][] {
  const costs = new Map<string, number>();
  for (const [name, entries] of Object.entries(tools)) {
    if (!unqualified(name)) continue;
    for (const { seenBy, definition } of entries) {
      const { description, inputSchema } = definition;
      // Canonical, since files and servers have their fields in orders of their own.
      const count = tokens(canonicalize({ name, description, inputSchema }) ?? "");
      for (const identity of seenBy) costs.set(identity, (costs.get(identity) ?? 0) + count);
    }
  }
  return [...costs].sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Such as `support-agent +1,400 tokens (about 5,200)`. Pure. */
export function describeCost({ consumer, before, now }: Cost): string {
  const whole = `about ${now.toLocaleString("en")}`;
  if (before === undefined || before === now) return `${consumer} ${whole} tokens`;
  const difference = (now - before).toLocaleString("en", { signDisplay: "always" });
  return `${consumer} ${difference} tokens (${whole})`;
}
