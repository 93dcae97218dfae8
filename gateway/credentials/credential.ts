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
   * The server refused a token. Another one is then asked for, and the request sent again, unless it was the `last` try.
   *
   * @throws RpcError when another token would not help.
   */
  refused(token: string, challenge: Challenge, last: boolean): void | Promise<void>;
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
    for (let last = false; ; last = true) {
      const { token, response } = await once(request);
      const challenge = challengeOf(response);
      if (!challenge) return response;
      try {
        await within(request.signal, credential.refused(token, challenge, last));
      } catch (error) {
        response.body.destroy();
        throw error;
      }
      if (last) return response;
      response.body.destroy();
    }
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
