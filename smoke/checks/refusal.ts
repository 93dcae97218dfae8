import { exposedName } from "../../components/model/names.ts";
import { allows, type Caller, serverOf, wantedTools } from "../callers.ts";
import { NotChecked } from "../deadline.ts";
import { RequestFailure } from "../failure.ts";
import { quote } from "../redact.ts";
import { textOf } from "../result-text.ts";
import type { Era, JsonObject, Session } from "../session.ts";
import type { Trial } from "../trial.ts";
import { type Check, failed, type Outcome, passed } from "./check.ts";

/** A tool that somebody else uses is refused to this caller, even if it knows its name. */
export function refusalChecks(trial: Trial, caller: Caller, era: Era): Check[] {
  const own = wantedTools(caller, trial.model);
  const others = trial.callers.filter((other) => {
    const theirs = wantedTools(other, trial.model);
    const more = (server: string) => !own.anyOf.has(server);
    return (
      other !== caller &&
      ([...theirs.names].some((name) => !allows(own, name)) || [...theirs.anyOf].some(more))
    );
  });
  if (others.length === 0) return [];
  const run = async () => {
    const session = await trial.session(caller, era);
    return tryForeign(trial, session, await foreignTool(trial, caller, others, era));
  };
  return [{ subject: caller.subject, check: `is refused what others use (${era})`, run }];
}

interface ForeignTool {
  name: string;
  user: string;
  arguments: JsonObject;
}

/**
 * A tool with an example is best: its declaration says that these arguments may be called. Otherwise no
 * arguments, so that a gateway that fails this check does as little as possible.
 */
async function foreignTool(trial: Trial, caller: Caller, others: Caller[], era: Era): Promise<ForeignTool> {
  const own = wantedTools(caller, trial.model);
  const declared = others.flatMap(({ name: user, uses }) =>
    uses.flatMap((use) => {
      if (!("tool" in use) || use.tool === "*") return [];
      const name = exposedName(use.server, use.tool);
      return allows(own, name) ? [] : [{ name, user, arguments: use.arguments }];
    }),
  );
  const best = declared.find((each) => each.arguments) ?? declared[0];
  if (best) return { ...best, arguments: best.arguments ?? {} };
  // Others use wildcards only: one of the tools they are shown.
  for (const other of others) {
    const { names } = await trial.list(other, era, "tools");
    const name = names.find((each) => !allows(own, each));
    if (name !== undefined) return { name, user: other.name, arguments: {} };
  }
  throw new NotChecked("others use wildcards, and see no tool that could be tried");
}

async function tryForeign(trial: Trial, session: Session, tool: ForeignTool): Promise<Outcome> {
  const server = serverOf(tool.name);
  const answerTo = (name: string) =>
    session
      .request("tools/call", { name, arguments: tool.arguments }, trial.limitFor(server))
      .then(answerOf, refusalOf)
      .then((answer) => ({ ...answer, said: answer.said.replaceAll(name, "<tool>") }));
  const answer = await answerTo(tool.name);
  const label = `${tool.name} (used by ${tool.user})`;
  if (answer.denied) return passed(`${label} is refused: ${quote(answer.said, 60)}`);
  // Not an outright denial: then it must look like a tool that does not exist. Any other answer, also an
  // error, such as one about its arguments, came from the tool.
  const unknown = await answerTo(exposedName(server, "no-such-tool-of-the-smoke-test"));
  const hidden =
    answer.failed && unknown.failed && answer.code === unknown.code && answer.said === unknown.said;
  if (hidden) return passed(`${label} is unknown to it`);
  return failed(`${label} was not refused: it answered ${quote(answer.said)}`);
}

interface Answer {
  failed: boolean;
  denied: boolean;
  said: string;
  code?: number;
}

const denial = /not (?:allowed|permitted|authori[sz]ed)|denied|forbidden|unauthori[sz]ed|no access|may not/i;

function answerOf(result: JsonObject): Answer {
  const said = textOf(result);
  // A tool's own error may speak of forbidden things too, so a result is never taken for a denial.
  return { failed: result.isError === true, denied: false, said };
}

function refusalOf(error: unknown): Answer {
  if (!(error instanceof RequestFailure)) throw error;
  if (error.rpc) {
    const { code, message } = error.rpc;
    return { failed: true, denied: denial.test(message), said: message, code };
  }
  if (error.status === 403) return { failed: true, denied: true, said: "HTTP 403" };
  if (error.status === undefined || error.status === 429 || error.status >= 500) throw error;
  return { failed: true, denied: false, said: error.message, code: error.status };
}
