import type { JsonObject } from "../protocol/messages.ts";
import { CODE, isObject, RpcError } from "../protocol/messages.ts";
import type { Client } from "../sessions/client.ts";
import { AuthorizationNeeded } from "./authorization-needed.ts";
import { CredentialError } from "./credential-error.ts";

/** By this key the client's answer comes back; servers' own questions go by other keys. */
const KEY = "mcp-infra.dev/authorization";

/** What the client brings back when all that it has to do is to wait. It decides nothing. */
const WAITING = "mcp-infra.dev/authorization: waiting for consent";

/** How long a request waits for a person to consent before the client is told to ask again, in milliseconds. */
const WAIT_MS = 20_000;

/** The requests that may be answered by a question (2026-07-28, multi round-trip requests). */
const METHODS = new Set(["tools/call", "prompts/get", "resources/read"]);

/** One request, as far as a question about it goes. */
export interface AskedRequest {
  method: string;
  params: JsonObject;
  client: Client | undefined;
  /** Whether it is one of 2026-07-28. */
  modern: boolean;
  signal: AbortSignal;
}

/**
 * Sends a request, and has its client show the person a page when a server wants their authorization: by URL elicitation
 * as the result, where the client can do that. When the client comes back, consent is waited for: a client can only
 * tell that the page was opened.
 *
 * @throws RpcError that names the page where the client can't show one; what `send` throws.
 */
export async function withConsent(
  { method, params, client, modern, signal }: AskedRequest,
  send: (params: JsonObject) => Promise<JsonObject>,
): Promise<JsonObject> {
  const { answer, rest } = taken(params);
  try {
    return await send(rest);
  } catch (error) {
    if (!(error instanceof AuthorizationNeeded)) throw error;
    if (answer === "waiting") {
      const waited = AbortSignal.any([signal, AbortSignal.timeout(WAIT_MS)]);
      if (!(await error.granted(waited))) return { resultType: "input_required", requestState: WAITING };
      return send(rest);
    }
    if (answer === "refused") {
      throw new CredentialError(`Server "${error.server}" was not asked: the person did not open the page`);
    }
    const asks = isObject(client?.capabilities.elicitation) && isObject(client.capabilities.elicitation.url);
    if (METHODS.has(method) && asks) return question(error);
    if (!modern) throw error;
    throw new RpcError(CODE.missingCapability, error.message, {
      requiredCapabilities: { elicitation: { url: {} } },
    });
  }
}

function question({ invitation, url }: AuthorizationNeeded): JsonObject {
  const params = { mode: "url", message: invitation, url };
  return { resultType: "input_required", inputRequests: { [KEY]: { method: "elicitation/create", params } } };
}

/** What the client says to our question, and the params without it: no server is to see it. */
function taken(params: JsonObject): { answer?: "waiting" | "refused"; rest: JsonObject } {
  const { inputResponses, requestState, ...others } = params;
  if (requestState === WAITING) return { answer: "waiting", rest: others };
  if (!isObject(inputResponses) || !(KEY in inputResponses)) return { rest: params };
  const { [KEY]: answer, ...theirs } = inputResponses;
  const accepted = isObject(answer) && answer.action === "accept";
  const rest = { ...others, ...(Object.keys(theirs).length > 0 && { inputResponses: theirs }) };
  return { answer: accepted ? "waiting" : "refused", rest };
}
