import { describe, expect, test } from "vitest";
import { isConsumer, rightsOf } from "../../../gateway/authentication/claims.ts";

describe("the rights in a token", () => {
  test.each([
    [{ scope: "a b" }, ["a", "b"], undefined],
    [{ scope: " a  b " }, ["a", "b"], undefined],
    [{ scp: ["a", "b", 1] }, ["a", "b"], undefined],
    [{ scp: "a b", scope: "c" }, ["c", "a", "b"], undefined],
    [{ scope: { a: true }, client_id: 7, azp: "app" }, [], "app"],
    [{ client_id: "app", azp: "other" }, [], "app"],
  ])("%j", (claims, scopes, client) => {
    const rights = rightsOf(claims as never);
    expect([[...rights.scopes], rights.client]).toEqual([scopes, client]);
  });
});

describe("a token is a consumer's when it has all that the consumer declares", () => {
  const rights = { scopes: new Set(["search"]), client: "app" };
  test.each([
    [{ scope: "search" }, true],
    [{ client: "app" }, true],
    [{ scope: "search", client: "app" }, true],
    [{ scope: "search", client: "other" }, false],
    [{ scope: "write", client: "app" }, false],
    [{ scope: "sear" }, false],
    [{}, false],
  ])("%j: %s", (consumer, expected) => expect(isConsumer(consumer, rights)).toBe(expected));

  test("a token of no client is no client's", () => {
    expect(isConsumer({ client: "app" }, { scopes: new Set() })).toBe(false);
  });
});
