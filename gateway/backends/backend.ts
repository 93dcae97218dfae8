import type { Negotiated } from "../protocol/endpoint.ts";
import type { JsonObject } from "../protocol/messages.ts";
import type { UpstreamOptions } from "../upstream.ts";

/**
 * What callers know as one server: a single one, or a group of equivalent ones. Whoever routes a request to it sees one
 * request with one outcome; how often it was tried, and where, is the backend's business.
 */
export interface Backend {
  /** Name that callers know. */
  readonly name: string;
  /** What the server says of itself. Throws UpstreamError. */
  describe(options?: UpstreamOptions): Promise<Negotiated>;
  /**
   * One request and its raw result.
   *
   * @throws RpcError the server's own error; UpstreamError when it gave none.
   */
  request(method: string, params: JsonObject, options?: UpstreamOptions): Promise<JsonObject>;
}
