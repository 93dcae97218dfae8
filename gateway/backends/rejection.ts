import { UpstreamError } from "../upstream.ts";

/** A request that was not sent, to spare its server; also the label of the metric. */
export class Rejection extends UpstreamError {
  readonly reason: "breaker_open" | "queue_full" | "queue_timeout";

  constructor(reason: Rejection["reason"], message: string) {
    super("rejected", message, { sent: false });
    this.reason = reason;
  }
}
