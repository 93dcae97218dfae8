import { isDeepStrictEqual } from "node:util";
import { exposedServers, type IntegrationModel, type ServerModel } from "../components/model/index.ts";
import type { Effect } from "./effect.ts";
import type { Step } from "./events.ts";
import type { ModelPair } from "./models.ts";
import { processEffect } from "./process-effects.ts";
import { workloadEffect } from "./workload-effects.ts";

/** What each target runs servers and gateways as. */
const running: Record<string, (part: Part) => Effect | undefined> = {
  "mcp-infra-local:index:Process": processEffect,
  "kubernetes:apps/v1:Deployment": workloadEffect,
};

/** What runs of a server or a gateway, about to change. */
export interface Part {
  step: Step;
  /** `server notes`. */
  subject: string;
  /** The server as declared, or as it was; absent where this is a gateway. */
  server?: ServerModel;
  /** Servers that stand in for it. */
  standbys: string[];
}

/** What a preview's changes do to callers, from what the engine is about to do and what is known of it. Pure. */
export function effectsOf(steps: readonly Step[], pairs: readonly ModelPair[]): Effect[] {
  const models = pairs.flatMap(({ before, after }) => [
    ...(after ? [after] : []),
    ...(before ? [before] : []),
  ]);
  return [
    ...pairs.flatMap(addressEffects),
    ...steps.flatMap((step) => {
      const part = step.op === "same" ? undefined : partOf(step, steps, models);
      return (part && running[step.type]?.(part)) ?? [];
    }),
    ...pairs.flatMap(unusedEffects),
    ...pairs.flatMap(tokenEffects),
  ];
}

function partOf(step: Step, steps: readonly Step[], models: readonly IntegrationModel[]): Part | undefined {
  const owner = steps.find(({ urn }) => urn === step.parent);
  if (!owner) return undefined;
  const { name } = owner;
  if (owner.type === "mcp-infra:index:Gateway") return { step, subject: `gateway ${name}`, standbys: [] };
  if (owner.type !== "mcp-infra:index:Server") return undefined;
  const server = models.flatMap(({ servers }) => servers).find((each) => each.name === name);
  const groups = models[0]?.gateway?.failover ?? [];
  const standbys = groups.flatMap(({ primary, standby, mode }) => {
    if (primary === name) return standby;
    return mode === "balanced" && standby.includes(name) ? [primary] : [];
  });
  return { step, subject: `server ${name}`, ...(server && { server }), standbys };
}

/** A new address is found by no client by itself. */
function addressEffects({ before, after }: ModelPair): Effect[] {
  if (!before?.gateway || !after?.gateway) return [];
  const addressOf = ({ listen, publicUrl }: NonNullable<IntegrationModel["gateway"]>) => publicUrl ?? listen;
  if (isDeepStrictEqual(addressOf(before.gateway), addressOf(after.gateway))) return [];
  return [
    {
      subject: `gateway ${after.gateway.name}`,
      impact: "lasting",
      text: "has another address: every client has to be told of it (`npx mcp-infra clients`)",
    },
  ];
}

/** What consumers use of a server that goes is gone for them. */
function unusedEffects({ before, after }: ModelPair): Effect[] {
  if (!before || !after) return [];
  const kept = new Set(exposedServers(after).map(({ name }) => name));
  return exposedServers(before)
    .filter(({ name }) => !kept.has(name))
    .flatMap(({ name }) => {
      const users = before.consumers.filter(({ uses }) => uses.some(({ server }) => server === name));
      if (users.length === 0) return [];
      const names = users.map((user) => user.name).join(", ");
      return [{ subject: `server ${name}`, impact: "lasting" as const, text: `is gone for ${names}` }];
    });
}

/** A consumer's token is made with it, and ends with it. */
function tokenEffects({ before, after }: ModelPair): Effect[] {
  if (before?.gateway?.auth.mode !== "tokens") return [];
  const kept = new Set(after?.gateway?.auth.mode === "tokens" ? after.consumers.map(({ name }) => name) : []);
  return before.consumers
    .filter(({ name }) => !kept.has(name))
    .map(({ name }) => ({
      subject: `consumer ${name}`,
      impact: "lasting",
      text: "can no longer call with the token that it has",
    }));
}
