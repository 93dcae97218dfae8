import { UpstreamError } from "../upstream.ts";

/** A server was not asked, since no token for it was to be had. That says nothing of the server. */
export class NoToken extends UpstreamError {
  /** @param why for people, without a secret. */
  constructor(server: string, why: string) {
    super("unavailable", `Server "${server}" was not asked: no token for it, since ${why}`, { sent: false });
  }
}
