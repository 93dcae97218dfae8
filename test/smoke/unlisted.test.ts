import { describe, expect, test } from "vitest";
import { compare } from "../../smoke/checks/catalogue.ts";
import { explainUnlisted, serversNotListed, unlistedIn } from "../../smoke/unlisted.ts";

const KEY = "mcp-infra.dev/unavailable";
const documents = { server: "documents", reason: 'Server "documents" did not answer within 5 s' };
const said = `server documents can't be listed now: ${documents.reason}`;

describe("a list", () => {
  test.each([
    ["that says nothing of it is whole", {}, []],
    ["of a gateway with other notes is whole", { _meta: { note: 1 } }, []],
    ["whose note is something else is whole", { _meta: { [KEY]: "all" } }, []],
    ["may be without a server", { _meta: { [KEY]: [documents] } }, [documents]],
    [
      "does not hand on the page of one person's consent",
      { _meta: { [KEY]: [{ ...documents, url: "https://gateway/connect/1" }] } },
      [documents],
    ],
  ])("%s", (_, result, wanted) => {
    expect(unlistedIn(result)).toEqual(wanted);
  });
});

test.each([
  ["none", [], "", []],
  ["one on two pages", [documents, documents], said, ["documents"]],
  [
    "two",
    [documents, { server: "web", reason: "password=s3cr3t\nrefused" }],
    `${said}; server web can't be listed now: password=*** refused`,
    ["documents", "web"],
  ],
])("what a list is without is said once and can be found again: %s", (_, unlisted, text, servers) => {
  expect(explainUnlisted(unlisted)).toBe(text);
  expect(serversNotListed(text)).toEqual(servers);
});

describe("a list that is without a server", () => {
  const wanted = { names: new Set(["documents__read", "web__get"]), anyOf: new Set(["documents"]) };
  test.each([
    ["is not held against what is used of it", ["web__get"], said],
    ["is held against all else", ["web__put"], `${said}; missing: web__get; too many: web__put`],
    ["is not the whole list, whatever is there", ["documents__read", "web__get"], said],
  ])("%s", (_, names, detail) => {
    expect(compare({ names, unlisted: [documents] }, wanted, "tool")).toEqual({ passed: false, detail });
  });
});
