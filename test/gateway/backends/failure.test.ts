import { expect, test } from "vitest";
import { inTheEnd, isFailure, mayPass } from "../../../gateway/backends/failure.ts";
import { Rejection } from "../../../gateway/backends/rejection.ts";
import { HttpFailure } from "../../../gateway/protocol/http-failure.ts";
import { RpcError } from "../../../gateway/protocol/messages.ts";
import { UpstreamError } from "../../../gateway/upstream.ts";

const answered = (status: number) =>
  new UpstreamError("unavailable", `HTTP ${status}`, { http: new HttpFailure(status, `HTTP ${status}`) });

test.each<[string, UpstreamError, { failure: boolean; again: boolean }]>([
  ["no answer in time", new UpstreamError("timeout", ""), { failure: true, again: true }],
  ["no connection", new UpstreamError("unavailable", "", { sent: false }), { failure: true, again: true }],
  ["garbage", answered(200), { failure: true, again: true }],
  ["bad gateway", answered(502), { failure: true, again: true }],
  ["overloaded", answered(503), { failure: true, again: true }],
  ["too many requests", answered(429), { failure: false, again: true }],
  ["a credential refused", answered(401), { failure: false, again: false }],
  ["cancelled", new UpstreamError("cancelled", ""), { failure: false, again: false }],
  ["breaker open", new Rejection("breaker_open", ""), { failure: false, again: true }],
  ["queue full", new Rejection("queue_full", ""), { failure: false, again: false }],
])("%s", (_name, error, { failure, again }) => {
  expect([isFailure(error), mayPass(error)]).toEqual([failure, again]);
});

test("an error in JSON-RPC is an answer", () => {
  expect(isFailure(new RpcError(-32050, "no"))).toBe(false);
});

test.each<[string, UpstreamError, number, boolean, string]>([
  ["one try", answered(503), 1, true, "HTTP 503"],
  ["several", answered(503), 3, true, "HTTP 503 (tried 3 times)"],
  [
    "nobody knows",
    answered(503),
    1,
    false,
    "HTTP 503; it is unknown whether the call was carried out, and it was not repeated",
  ],
  ["refused is not carried out", answered(403), 1, false, "HTTP 403"],
  ["not sent", new UpstreamError("unavailable", "refused", { sent: false }), 1, false, "refused"],
])("in the end: %s", (_name, error, asked, mayRepeat, message) => {
  const { kind, sent, http } = error;
  expect(inTheEnd(error, asked, mayRepeat)).toMatchObject({ message, kind, sent, http });
});
