import { expect, test } from "vitest";
import { definitionHash } from "../../gateway/pinning/definition-hash.ts";
import { parseLock, renderLock } from "../../lock/file.ts";
import { type Catalogue, pinsIn } from "../../lock/index.ts";
import { lockOf } from "../../lock/lock.ts";

const search = (description: string) => ({
  inputSchema: { type: "object", properties: { query: { type: "string" } } },
  description,
  name: "docs__search",
});
const sees = (...tools: Record<string, unknown>[]): Catalogue => ({
  tools,
  prompts: [],
  resources: [{ uri: "docs://readme", name: "docs__readme" }],
  resourceTemplates: [],
});
const stack = { stack: "dev", gateway: "edge" };

test("what identities see alike stands once, what they see differently each by itself", () => {
  const lock = lockOf(stack, {
    writer: sees(search("Finds documents.")),
    reader: sees(search("Finds documents.")),
    auditor: sees(search("Finds all documents.")),
  });
  expect(lock.tools).toEqual({
    docs__search: [
      { seenBy: ["auditor"], definition: { ...search("Finds all documents."), name: "search" } },
      { seenBy: ["reader", "writer"], definition: { ...search("Finds documents."), name: "search" } },
    ],
  });
  expect(lock.resources["docs://readme"]?.[0]?.definition).toEqual({ uri: "docs://readme", name: "readme" });
});

test("the file reads as lines, is the same whatever the order, and gives back what was written", () => {
  const lock = lockOf(stack, { reader: sees(search("Finds documents.\nSorted by age.")) });
  const text = renderLock(lock);
  expect(text).toContain(`tools:
  docs__search:
    - seenBy:
        - reader
      definition:
        name: search
        description: |-
          Finds documents.
          Sorted by age.
        inputSchema:
          properties:`);
  expect(parseLock(text, "lock.yaml")).toEqual(lock);
  const { name, description, inputSchema } = search("Finds documents.\nSorted by age.");
  expect(renderLock(lockOf(stack, { reader: sees({ name, description, inputSchema }) }))).toBe(text);
});

test.each([" \n", "a\u0085b", "\r\n", "\t- a: b", "\u200b", "null", "# no comment"])(
  "a text is read again as it was: %j",
  (text) => {
    const lock = lockOf(stack, { reader: sees({ ...search(text), [text]: text }) });
    expect(parseLock(renderLock(lock), "lock.yaml")).toEqual(lock);
  },
);

test.each([
  ["tools: [", /lock\.yaml, line \d is no YAML; restore it from version control/],
  ["version: 2", /is of version 2, and this mcp-infra knows 1: update mcp-infra/],
  ["version: 1\nstack: dev", /is no lock file: gateway, tools, .*; restore it/],
  ["", /is no lock file: the whole/],
])("a file that can't be used says why: %j", (text, reason) => {
  expect(() => parseLock(text, "lock.yaml")).toThrow(reason);
});

test("a gateway is pinned, for each identity, to the definitions that it saw, by their hashes", () => {
  const lock = lockOf(stack, {
    reader: sees(search("Finds documents.")),
    auditor: sees(search("Finds all documents.")),
  });
  const hash = (description: string) => definitionHash({ ...search(description), name: "search" });
  expect(pinsIn(lock)).toEqual({
    reader: { tools: { docs: { search: hash("Finds documents.") } } },
    auditor: { tools: { docs: { search: hash("Finds all documents.") } } },
  });
  expect(pinsIn(parseLock(renderLock(lock), "lock.yaml"))).toEqual(pinsIn(lock));
});
