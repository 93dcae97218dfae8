import { describe, expect, it } from "vitest";
import { z } from "zod";
import { goodUntil } from "../../../gateway/credentials/cached-token.ts";
import { challengeOf } from "../../../gateway/credentials/challenge.ts";
import { keyedNames, Seal } from "../../../gateway/credentials/seal.ts";
import { SealedMessage } from "../../../gateway/credentials/sealed-message.ts";

describe("a challenge", () => {
  it.each([
    [401, 'Bearer error="invalid_token"', { status: 401, scopes: [] }],
    [401, undefined, { status: 401, scopes: [] }],
    [403, 'Bearer error="insufficient_scope", scope="a b:c"', { status: 403, scopes: ["a", "b:c"] }],
    [403, "Bearer error=insufficient_scope", { status: 403, scopes: [] }],
    [
      403,
      `Bearer error="insufficient_scope", scope="${"x".repeat(300)} ok"`,
      { status: 403, scopes: ["ok"] },
    ],
    [403, "Bearer", undefined],
    [403, undefined, undefined],
    [200, 'Bearer error="insufficient_scope"', undefined],
  ])("%i %s", (status, header, expected) => {
    expect(challengeOf({ status, headers: { "www-authenticate": header } })).toEqual(expected);
  });
});

describe("a token", () => {
  it.each([
    ["of an hour is used until half a minute before its end", 3_600_000, 3_570_000],
    ["of ten seconds is used for nine", 10_000, 9_000],
    ["whose end was not said is used for ten minutes", undefined, 600_000],
  ])("%s", (_what, lifetime, used) => {
    const now = 1_000_000;
    expect(goodUntil({ expiresAt: lifetime && now + lifetime }, now) - now).toBe(used);
  });
});

describe("a seal", () => {
  const seal = new Seal("secret", "tokens");
  const sealed = seal.close("a text", "alice at hub");

  it("opens with the same secret, purpose and context", () => {
    expect(seal.open(sealed, "alice at hub")).toBe("a text");
    expect(new Seal("secret", "tokens").open(sealed, "alice at hub")).toBe("a text");
  });

  it("opens with nothing else", () => {
    expect(seal.open(sealed, "bob at hub")).toBeUndefined();
    expect(new Seal("another", "tokens").open(sealed, "alice at hub")).toBeUndefined();
    expect(new Seal("secret", "tickets").open(sealed, "alice at hub")).toBeUndefined();
    expect(seal.open(sealed.subarray(0, -1), "alice at hub")).toBeUndefined();
    expect(seal.open(Buffer.alloc(0), "alice at hub")).toBeUndefined();
  });

  it("never looks the same twice", () => {
    expect(seal.close("a text", "alice at hub").equals(sealed)).toBe(false);
  });

  it("names of files say nothing without the secret", () => {
    expect(keyedNames("secret")("alice")).toBe(keyedNames("secret")("alice"));
    expect(keyedNames("secret")("alice")).not.toBe(keyedNames("another")("alice"));
  });
});

describe("a sealed message", () => {
  const message = new SealedMessage("secret", "tickets", z.object({ who: z.string() }));

  it("can be read as long as it is good", () => {
    expect(message.read(message.write({ who: "alice" }))).toEqual({ who: "alice" });
    expect(message.read(message.write({ who: "alice" }, 1000))).toEqual({ who: "alice" });
    expect(message.read(message.write({ who: "alice" }, 0))).toBeUndefined();
  });

  it("of another purpose can't be read", () => {
    const other = new SealedMessage("secret", "flows", z.object({ who: z.string() }));
    expect(message.read(other.write({ who: "alice" }))).toBeUndefined();
    expect(message.read("")).toBeUndefined();
  });
});
