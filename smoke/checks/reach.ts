import { inWords, NotChecked } from "../deadline.ts";
import { RequestFailure } from "../failure.ts";
import { type Era, eras } from "../session.ts";
import { requireToken, type Trial } from "../trial.ts";
import { type Check, failed, type Outcome, passed } from "./check.ts";

/** The endpoint answers clients of both eras, after it had time to start. */
export function reachChecks(trial: Trial, subject: string): Check[] {
  if (trial.callers.length === 0) return [];
  return eras.map((era) => ({ subject, check: `speaks MCP ${era}`, run: () => reach(trial, era) }));
}

async function reach(trial: Trial, era: Era): Promise<Outcome> {
  const caller = trial.callers.find(({ token }) => token) ?? trial.callers[0];
  if (!caller) throw new NotChecked("there is no consumer to connect as");
  requireToken(trial, caller);
  const { deadline } = trial;
  const begun = performance.now();
  let tries = 0;
  const attempt = (limit: number) => {
    tries++;
    return trial.connect(caller, era, limit);
  };
  try {
    await deadline.whileWarmingUp(attempt, (error) => error instanceof RequestFailure && error.transient);
    const waited = tries > 1 ? `, after ${inWords(performance.now() - begun)} of waiting for it` : "";
    return passed(`connected as ${caller.name}${waited}`);
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    // A refused token is that consumer's fault; the others can still be checked.
    if (error.status !== 401 && error.status !== 403) trial.unreachable.set(era, error.message);
    const repeated =
      tries > 1 ? `; still so after ${tries} tries in ${inWords(performance.now() - begun)}` : "";
    const who = error.status === 401 || error.status === 403 ? ` (token of ${caller.name})` : "";
    return failed(`${error.message}${who}${repeated}`);
  }
}
