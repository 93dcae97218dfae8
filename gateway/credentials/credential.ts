import type { HttpSender } from "../protocol/exchange.ts";
import { type Challenge, challengeOf } from "./challenge.ts";

/** What proves to a server who asks: one identity's access token, as good as can be had at the time. */
export interface Credential {
  /**
   * The access token for a request.
   *
   * @throws UpstreamError when there is none to be had now, RpcError when it is this caller's own affair.
   */
  token(): string | Promise<string>;
  /**
   * The server refused a token. Whether it is worth asking again with another one, once.
   *
   * @throws RpcError when the caller has to do something about it.
   */
  refused(token: string, challenge: Challenge): boolean | Promise<boolean>;
}

/**
 * A sender whose every request carries the credential. What the server refused for its token was refused before it was
 * looked at, so another try with a new token can't do anything twice.
 */
export function withCredential(send: HttpSender, credential: Credential): HttpSender {
  const once = async (request: Parameters<HttpSender>[0]) => {
    const token = await within(request.signal, credential.token());
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    return { token, response: await send({ ...request, headers }) };
  };
  return async (request) => {
    const first = await once(request);
    const refused = challengeOf(first.response);
    if (!refused) return first.response;
    const again = await within(request.signal, credential.refused(first.token, refused)).catch((error) => {
      first.response.body.destroy();
      throw error;
    });
    if (!again) return first.response;
    first.response.body.destroy();
    const second = await once(request);
    const refusedAgain = challengeOf(second.response);
    if (refusedAgain) await within(request.signal, credential.refused(second.token, refusedAgain));
    return second.response;
  };
}

/** Others may wait for the same token, so it is not given up when one of them is. */
async function within<T>(signal: AbortSignal, value: T | Promise<T>): Promise<T> {
  if (!(value instanceof Promise)) return value;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
