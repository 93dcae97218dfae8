import { exposedName } from "../../components/model/names.ts";
import { unqualified } from "../../gateway/access.ts";
import { definitionHash } from "../../gateway/pinning/definition-hash.ts";
import { LISTING_ERA, listed } from "../../lock/listing.ts";
import { allows, asksForTokens, type Caller, wantedTools } from "../callers.ts";
import { oneLine } from "../redact.ts";
import type { JsonObject } from "../session.ts";
import type { Trial } from "../trial.ts";
import { type Check, count, failed, type Outcome, passed, some } from "./check.ts";

/** By the name that callers know, the hashes of what was agreed on. */
type Agreed = Map<string, Set<string>>;

/**
 * Where the gateway is pinned to a catalogue: what servers define today is what was agreed on, definitions that the gateway
 * hides included. Those are what its consumer lacks.
 */
export function lockChecks(trial: Trial, caller: Caller): Check[] {
  const catalogue = trial.model.gateway?.catalogue;
  if (!catalogue) return [];
  const run = async () => {
    const session = await trial.session(caller, LISTING_ERA);
    return compare(agreedWith(caller, trial), await listed(session, "tools"));
  };
  return [{ subject: caller.subject, check: "its catalogue is the locked one", run }];
}

/** What was agreed on with a caller, as far as it may still see it. Everyone has what any consumer agreed on. */
function agreedWith(caller: Caller, trial: Trial): Agreed {
  const { gateway, consumers, servers } = trial.model;
  const identities = asksForTokens(trial.model) ? [caller.name] : consumers.map(({ name }) => name);
  const wanted = wantedTools(caller, trial.model);
  const agreed: Agreed = new Map();
  for (const identity of identities) {
    for (const [server, tools] of Object.entries(gateway?.catalogue?.[identity]?.tools ?? {})) {
      const exposed = servers.find(({ name }) => name === server)?.tools;
      for (const [tool, hash] of Object.entries(tools)) {
        const name = exposedName(server, tool);
        if (!allows(wanted, name) || exposed?.includes(tool) === false) continue;
        agreed.set(name, (agreed.get(name) ?? new Set()).add(hash));
      }
    }
  }
  return agreed;
}

function compare(agreed: Agreed, tools: readonly JsonObject[]): Outcome {
  const live = new Map(tools.map((tool) => [oneLine(String(tool.name)), hashOf(tool)]));
  const names = [...live.keys()];
  const differing = names.filter((name) => agreed.has(name) && !agreed.get(name)?.has(live.get(name) ?? ""));
  const unlocked = names.filter((name) => !agreed.has(name));
  const missing = [...agreed.keys()].filter((name) => !live.has(name));
  const faults = [
    differing.length > 0 && `not as locked: ${some(differing)}`,
    unlocked.length > 0 && `not in the lock: ${some(unlocked)}`,
    missing.length > 0 && `locked, and not there: ${some(missing)}`,
  ].filter((fault) => fault !== false);
  return faults.length > 0 ? failed(faults.join("; ")) : passed(`${count(live.size, "tool")}, as locked`);
}

/** By the server's own name for it, as it was locked. */
function hashOf(tool: JsonObject): string | undefined {
  return definitionHash({ ...tool, name: unqualified(String(tool.name))?.name ?? tool.name });
}
