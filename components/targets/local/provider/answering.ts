import { setTimeout as delay } from "node:timers/promises";
import { probe } from "../../../../gateway/probe.ts";
import { PlainError } from "./faults.ts";
import { belongsTo } from "./identity.ts";
import type { ProcessInputs } from "./inputs.ts";
import { declaredPort } from "./kinds.ts";
import { listenersOn } from "./ports.ts";

const pollMilliseconds = 50;
// Something that asks for a credential is up, and to ask for it with one is the smoke test's business.
const refusedUs = /HTTP 40[13]/;

/**
 * Waits until a process answers in MCP.
 *
 * @param endpoint where it is asked.
 * @param ended how it ended, in words, should it do so.
 */
export async function untilItAnswers(
  inputs: ProcessInputs,
  endpoint: { readonly url: string; readonly socket?: string },
  ended: Promise<string>,
): Promise<void> {
  const deadline = Date.now() + inputs.startTimeoutMs;
  let end: string | undefined;
  void ended.then((words) => {
    end = words;
  });
  let reason = "";
  while (Date.now() < deadline) {
    const asking = probe({ ...endpoint, timeoutMs: Math.max(1, Math.min(5_000, deadline - Date.now())) });
    const answer = await Promise.race([asking, ended]);
    if (typeof answer === "string") throw new PlainError(answer);
    if (answer.ok || (inputs.stdio === undefined && refusedUs.test(answer.reason))) {
      // An answer from a process that has just ended isn't worth anything.
      await delay(0);
      if (end !== undefined) throw new PlainError(end);
      return;
    }
    // That a question got no answer says no more than that the whole start got none.
    reason = answer.reason.startsWith("no answer") ? "" : ` (${answer.reason})`;
    await Promise.race([delay(pollMilliseconds), ended]);
  }
  // A gateway has no such setting.
  const advice = inputs.gateway === undefined ? "; if it only needs longer, raise `startTimeout`" : "";
  throw new PlainError(
    `did not answer in MCP within ${inputs.startTimeoutMs} ms${reason}, so it was ended${advice}`,
  );
}

/** Whether another process listens on the port: of two that start at the same time, one gets the answers of the other. */
export function answeredByAnother(
  inputs: ProcessInputs,
  started: { readonly pid: number; readonly instance: string },
): boolean {
  const declared = declaredPort(inputs);
  const pids = declared === undefined ? [] : listenersOn(declared.port).flatMap((listener) => listener.pids);
  return pids.length > 0 && !pids.some((pid) => belongsTo(pid, started));
}
