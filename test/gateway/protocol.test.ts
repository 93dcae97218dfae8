import { expect, test } from "vitest";
import { bearerTokens } from "../../gateway/authentication/tokens.ts";
import { decodeHeaderValue, encodeHeaderValue } from "../../gateway/protocol/messages.ts";
import { serverSentEvents } from "../../gateway/protocol/sse.ts";
import { consumer } from "./fixture.ts";

test.each(["plain", "two words", " edge", "grüße", "=?base64?eA==?=", "a\nb", ""])(
  "%j survives a header",
  (value) => {
    const encoded = encodeHeaderValue(value);
    expect(encoded).toMatch(/^[\x20-\x7e]+$/);
    expect(decodeHeaderValue(encoded)).toBe(value);
  },
);

test("event streams are cut the same, however the bytes arrive", async () => {
  const text =
    ': comment\r\nid: 1\ndata:\n\nevent: message\ndata: {"a":\ndata: "ü"}\r\n\r\nretry: 50\ndata: last\n\ndata: unfinished';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const events = [];
    for await (const event of serverSentEvents(pieces())) events.push(event);
    expect(events.map(({ id, data, retry }) => [id, data, retry])).toEqual([
      ["1", "", undefined],
      [undefined, '{"a":\n"ü"}', undefined],
      [undefined, "last", 50],
    ]);
  }
});

test("a long line takes time in proportion to its length", async () => {
  async function* pieces() {
    yield Buffer.from("data: ");
    for (let piece = 0; piece < 4096; piece++) yield Buffer.alloc(4096, "x");
    yield Buffer.from("\n\n");
  }
  const { value } = await serverSentEvents(pieces()).next();
  expect(value.data).toHaveLength(4096 * 4096);
});

test("tokens are known by their digest alone", () => {
  const known = ["a", "b"].map((name) => consumer(name, {}) as { name: string; tokenSha256: string });
  const authenticate = bearerTokens(known);
  expect(authenticate("Bearer b-token")).toEqual({ consumers: ["b"], subject: "b" });
  expect(authenticate("bearer a-token")).toEqual({ consumers: ["a"], subject: "a" });
  expect(authenticate(`Bearer ${known[0]?.tokenSha256}`)).toEqual({ failure: "unknown_token" });
  expect(authenticate("Bearer a-token b-token")).toEqual({ failure: "malformed_header" });
  expect(authenticate("Bearer ")).toEqual({ failure: "malformed_header" });
  expect(authenticate(undefined)).toEqual({ failure: "missing_token" });
});
