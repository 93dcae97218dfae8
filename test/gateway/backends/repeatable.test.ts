import { expect, test } from "vitest";
import { mayRepeat, type Says, saysRepeatable } from "../../../gateway/backends/repeatable.ts";

const nobody: Says = { declared: undefined, annotated: [] };

test.each([
  ["a list", "tools/list", nobody, true],
  ["a resource", "resources/read", nobody, true],
  ["a prompt", "prompts/get", nobody, true],
  ["a method that nobody knows", "x/do", nobody, false],
  ["a tool of which nothing is known", "tools/call", { ...nobody, annotated: [undefined] }, false],
  ["a tool whose annotations say so", "tools/call", { ...nobody, annotated: [true] }, true],
  ["a tool whose annotations don't", "tools/call", { ...nobody, annotated: [false] }, false],
  ["a tool that one member has told of", "tools/call", { ...nobody, annotated: [undefined, true] }, true],
  ["a tool that the members disagree about", "tools/call", { ...nobody, annotated: [true, false] }, false],
  ["a tool declared so", "tools/call", { ...nobody, declared: true, annotated: [false] }, true],
  ["a tool declared otherwise", "tools/call", { ...nobody, declared: false, annotated: [true] }, false],
])("%s", (_name, method, says, expected) => {
  expect(mayRepeat(method, says)).toBe(expected);
});

test.each([
  [{ readOnlyHint: true }, true],
  [{ idempotentHint: true }, true],
  [{ readOnlyHint: false, idempotentHint: false }, false],
  [{ readOnlyHint: "true" }, false],
  [{ destructiveHint: false }, false],
  [undefined, false],
  ["odd", false],
])("annotations %j", (annotations, expected) => {
  expect(saysRepeatable({ name: "x", annotations })).toBe(expected);
});
