import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { CODE, isObject, type JsonObject, RpcError } from "../protocol/messages.ts";
import type { Ask, Question } from "./client.ts";

/** Most rounds of questions that one request may take. */
const MAX_ROUNDS = 16;

/** Wait before a server is asked again that wants no more than that, in milliseconds. */
const PAUSE_MS = 500;

/**
 * A request to a server that may ask by its result (2026-07-28), for a client that is asked by requests (older
 * revisions): the questions are put to the client, and the request is sent again with the answers.
 *
 * @throws RpcError when the client refuses, or there is no end of questions; what `send` throws.
 */
export async function inRounds<Params extends JsonObject | undefined>(
  params: Params,
  ask: Ask,
  signal: AbortSignal,
  send: (params: Params | JsonObject) => Promise<JsonObject>,
): Promise<JsonObject> {
  let result = await send(params);
  for (let round = 0; result.resultType === "input_required"; round++) {
    if (round === MAX_ROUNDS) {
      throw new RpcError(CODE.internal, `The server went on asking after ${MAX_ROUNDS} rounds of questions`);
    }
    const { inputRequests, requestState } = result;
    const questions = isObject(inputRequests) ? Object.entries(inputRequests) : [];
    if (questions.length === 0) await setTimeout(PAUSE_MS, undefined, { signal });
    const answers = await Promise.all(
      questions.map(async ([key, question]) => [key, await ask(asOlder(question), signal)] as const),
    );
    result = await send({
      ...params,
      ...(answers.length > 0 && { inputResponses: Object.fromEntries(answers) }),
      ...(requestState !== undefined && { requestState }),
    });
  }
  return result;
}

/** The question as older clients want it: one that leads to a URL has an id there (2025-11-25). */
function asOlder(question: unknown): Question {
  if (!isObject(question) || typeof question.method !== "string") {
    throw new RpcError(CODE.internal, "The server asks something that is no question");
  }
  const { method } = question;
  const params = isObject(question.params) ? question.params : undefined;
  if (params?.mode !== "url" || params.elicitationId !== undefined)
    return { method, ...(params && { params }) };
  return { method, params: { ...params, elicitationId: randomUUID() } };
}
