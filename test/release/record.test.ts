import { describe, expect, test } from "vitest";
import { parseRecord, renderRecord } from "../../release/record.ts";
import { isAbout, statementOf } from "../../release/statement.ts";
import { green, live, recorded } from "./fixture.ts";

const record = recorded();
const text = renderRecord(record);
const changed = (change: Record<string, unknown>) => JSON.stringify({ ...record, ...change });

describe("a release record", () => {
  test("is read as it was written", () => {
    expect(parseRecord(text, "releases/dev.json", "dev")).toEqual(record);
  });

  test("has an order that doesn't depend on the order of what it is made from", () => {
    const { notes } = live().artifacts;
    const artifacts = { a: { remote: "https://a.example" }, ...(notes && { notes }) };
    const backwards = Object.fromEntries(Object.entries(artifacts).reverse());
    expect(renderRecord({ ...record, artifacts: backwards })).toBe(renderRecord({ ...record, artifacts }));
  });

  test.each([
    ["is cut off", text.slice(0, 40), "is no JSON: restore it from version control"],
    ["is of a newer version", changed({ version: 2 }), "is of version 2, and this mcp-infra knows 1"],
    ["has something else in it", changed({ extra: 1 }), "is no release record: the whole"],
    ["lacks its evidence", changed({ evidence: undefined }), "is no release record: evidence"],
    [
      "has an artifact that is not pinned",
      changed({ artifacts: { notes: { image: "notes:latest" } } }),
      "is no release record: artifacts.notes",
    ],
    [
      "is of another stack",
      changed({ stack: "prod" }),
      "is the release of stack prod, and this is stack dev",
    ],
  ])("that %s is refused in words", (_, content, words) => {
    expect(() => parseRecord(content, "releases/dev.json", "dev")).toThrow(`releases/dev.json ${words}`);
  });
});

describe("the statement about a release", () => {
  const statement = statementOf(record, green);

  test("names what was proved by its digest, as in-toto does", () => {
    expect(statement.subject[2]).toEqual({
      name: "pkg:npm/notes@1.0.0",
      digest: { sha512: "07".repeat(64) },
    });
    expect(statement.predicate.passedTests).toEqual(["server notes: answers"]);
  });

  test("is about exactly that record", () => {
    expect(isAbout(JSON.parse(JSON.stringify(statement)), record)).toBe(true);
    expect(isAbout(statement, { ...record, artifacts: {} })).toBe(false);
    expect(isAbout(undefined, record)).toBe(false);
  });
});
