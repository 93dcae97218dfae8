import { describe, expect, test } from "vitest";
import { type Role, schemaChanges } from "../../lock/schema-changes.ts";

/** What differs, as `direction at path`. */
const told = (before: unknown, after: unknown, role: Role = "input") =>
  schemaChanges(before, after, "", role).map(({ path, direction }) => `${direction ?? "undirected"} ${path}`);

const open = { type: "object", properties: { query: { type: "string" } } };
const nullable = { anyOf: [{ type: "string" }, { type: "null" }] };

describe("which way a schema went", () => {
  test.each<[string, unknown, unknown, string[]]>([
    ["nothing", open, structuredClone(open), []],
    ["a demand", open, { ...open, required: ["query"] }, ["stricter required"]],
    ["a demand less", { ...open, required: ["query"] }, open, ["looser required"]],
    ["other demands", { required: ["a"] }, { required: ["b"] }, ["both required"]],
    ["another order of demands", { required: ["a", "b"] }, { required: ["b", "a"] }, ["undirected required"]],
    [
      "a property more",
      open,
      { ...open, properties: { ...open.properties, n: {} } },
      ["looser properties.n"],
    ],
    ["a property less", open, { type: "object", properties: {} }, ["stricter properties.query"]],
    [
      "a property's type",
      open,
      { ...open, properties: { query: { type: "number" } } },
      ["both properties.query.type"],
    ],
    ["a type more", { type: "string" }, { type: ["string", "null"] }, ["looser type"]],
    ["integers, where numbers were", { type: "number" }, { type: "integer" }, ["stricter type"]],
    ["numbers, where integers were", { type: "integer" }, { type: ["number"] }, ["looser type"]],
    ["no type any more", { type: "string" }, {}, ["looser type"]],
    ["a value less", { enum: ["a", "b"] }, { enum: ["a"] }, ["stricter enum"]],
    ["a value more", { enum: ["a"] }, { enum: ["b", "a"] }, ["looser enum"]],
    ["one value, where several were", { enum: ["a", "b"] }, { const: "a" }, ["stricter enum"]],
    ["another value", { const: "a" }, { const: "b" }, ["both enum"]],
    ["a higher least", { minimum: 1 }, { minimum: 2 }, ["stricter minimum"]],
    ["a lower least", { minLength: 2 }, { minLength: 1 }, ["looser minLength"]],
    ["a lower most", { maxItems: 9 }, { maxItems: 8 }, ["stricter maxItems"]],
    ["a higher most", { maximum: 9 }, { maximum: 10 }, ["looser maximum"]],
    ["a limit that there was not", {}, { maxLength: 10 }, ["stricter maxLength"]],
    ["a limit less", { exclusiveMinimum: 0 }, {}, ["looser exclusiveMinimum"]],
    ["a limit that is no number", { minimum: 1 }, { minimum: "2" }, ["both minimum"]],
    ["another pattern", { pattern: "a" }, { pattern: "b" }, ["both pattern"]],
    ["a format", {}, { format: "email" }, ["stricter format"]],
    ["closed to more", open, { ...open, additionalProperties: false }, ["stricter additionalProperties"]],
    ["open to more", { ...open, additionalProperties: false }, open, ["looser additionalProperties"]],
    [
      "deep inside",
      { items: { items: { minimum: 1 } } },
      { items: { items: {} } },
      ["looser items.items.minimum"],
    ],
    ["null, too", { type: "string" }, nullable, ["looser "]],
    ["not null any more", nullable, { type: "string" }, ["stricter "]],
    [
      "null, too, of a property",
      { properties: { q: { type: "string" } } },
      { properties: { q: nullable } },
      ["looser properties.q"],
    ],
    [
      "an alternative that accepts more",
      { anyOf: [{ maximum: 1 }, { type: "null" }] },
      { anyOf: [{ maximum: 2 }, { type: "null" }] },
      ["looser anyOf.0.maximum"],
    ],
    ["exactly one of more", { oneOf: [{}] }, { oneOf: [{}, {}] }, ["both oneOf"]],
    [
      "what is defined",
      { $defs: { a: { minimum: 1 } } },
      { $defs: { a: { minimum: 0 } } },
      ["looser $defs.a.minimum"],
    ],
    ["a definition that nobody knows yet", {}, { $defs: { a: {} } }, ["undirected $defs.a"]],
    ["another reference", { $ref: "#/$defs/a" }, { $ref: "#/$defs/b" }, ["both $ref"]],
    ["a keyword that nobody knows", {}, { "x-vendor": 1 }, ["both x-vendor"]],
    ["a default", { default: 1 }, { default: 2 }, ["undirected default"]],
    ["a dialect", {}, { $schema: "https://json-schema.org/draft/2020-12/schema" }, ["undirected $schema"]],
    ["texts alone", { description: "a" }, { description: "b", title: "c" }, []],
    ["nothing goes any more", {}, false, ["stricter "]],
    ["anything goes", false, true, ["looser "]],
    ["no schema at all", {}, "nonsense", ["both "]],
    ["properties that are none", { properties: {} }, { properties: [] }, ["both properties"]],
    [
      "a name that could be taken for a path",
      { properties: {} },
      { properties: { "a.b": {} } },
      ['looser properties."a.b"'],
    ],
    [
      "a name of every object",
      { properties: {} },
      { properties: { constructor: {} } },
      ["looser properties.constructor"],
    ],
  ])("%s", (_, before, after, changes) => {
    expect(told(before, after)).toEqual(changes);
  });

  test("a result that promises more is the stricter, one that promises less the looser", () => {
    const less = { type: "object", properties: {} };
    expect(told(open, less, "output")).toEqual(["looser properties.query"]);
    expect(told(less, open, "output")).toEqual(["stricter properties.query"]);
  });
});
