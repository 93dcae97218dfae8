import { allows, type Caller, serverOf, type Wanted, wantedPrompts, wantedTools } from "../callers.ts";
import { oneLine } from "../redact.ts";
import type { Era } from "../session.ts";
import type { List, Trial } from "../trial.ts";
import { explainUnlisted } from "../unlisted.ts";
import { type Check, count, failed, type Outcome, passed, some } from "./check.ts";

/** A caller sees what it uses: nothing is missing, nothing is leaked. */
export function catalogueChecks(trial: Trial, caller: Caller, era: Era): Check[] {
  const { subject } = caller;
  return [
    {
      subject,
      check: `sees exactly its tools (${era})`,
      run: async () =>
        compare(await trial.list(caller, era, "tools"), wantedTools(caller, trial.model), "tool"),
    },
    {
      subject,
      check: `sees exactly its prompts (${era})`,
      run: async () => compare(await trial.list(caller, era, "prompts"), wantedPrompts(caller), "prompt"),
    },
  ];
}

/** A list against what it must and may hold. What it is without is no fault of what is used. */
export function compare({ names: found, unlisted }: List, wanted: Wanted, noun: string): Outcome {
  const isListed = (server: string) => !unlisted.some((each) => each.server === server);
  const missing = [...wanted.names].filter((name) => !found.includes(name) && isListed(serverOf(name)));
  const tooMany = found.filter((name) => !allows(wanted, name));
  const twice = found.filter((name, index) => found.indexOf(name) !== index);
  const empty = [...wanted.anyOf].filter(
    (server) => isListed(server) && !found.some((name) => serverOf(name) === server),
  );
  const faults = [
    unlisted.length > 0 && explainUnlisted(unlisted),
    missing.length > 0 && `missing: ${some(missing)}`,
    tooMany.length > 0 && `too many: ${some(tooMany.map(oneLine))}`,
    twice.length > 0 && `listed twice: ${some(twice.map(oneLine))}`,
    empty.length > 0 && `nothing of: ${some(empty)}`,
  ].filter((fault) => fault !== false);
  if (faults.length > 0) return failed(faults.join("; "));
  if (found.length === 0) return passed(`no ${noun}s, as declared`);
  const wildcard = wanted.anyOf.size > 0 ? `, all of ${some([...wanted.anyOf])}` : "";
  return passed(`${count(found.length, noun)}${wildcard}`);
}
