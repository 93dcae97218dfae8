import { expect, test } from "vitest";
import { stackArgument } from "../../toolchain/stack-argument.mjs";

test.each<[string, string[], string, string[]]>([
  ["none", [], "dev", []],
  ["an option", ["--stack", "staging", "--diff"], "staging", ["--diff"]],
  ["a short one, behind others", ["--parallel", "4", "-s", "staging"], "staging", ["--parallel", "4"]],
  ["one with its value in it", ["--stack=staging", "--refresh"], "staging", ["--refresh"]],
])("the stack is taken out of the arguments: %s", (_, args, stack, rest) => {
  expect(stackArgument("up", args, {})).toEqual({ stack, rest });
});

test.each<[string, string[], Record<string, string>]>([
  ["`npm run up --stack staging`", ["staging"], { npm_config_stack: "true" }],
  ["`npm run up --stack=staging`, of which no argument is left", [], { npm_config_stack: "staging" }],
  ["`npm run up staging`", ["staging"], {}],
  ["a name behind others", ["--refresh=true", "staging"], {}],
])("an option that npm took for its own is not about another stack: %s", (_, args, env) => {
  expect(() => stackArgument("up", args, env)).toThrow("Write: npm run up -- --stack staging");
});
