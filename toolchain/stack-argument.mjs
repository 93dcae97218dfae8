// @ts-check
import { parseArgs } from "node:util";

/**
 * Takes `--stack NAME` (or `-s NAME`) out of the arguments; all others are Pulumi's.
 * @param {string[]} args
 */
export function stackArgument(args) {
  const options = /** @type {const} */ ({ stack: { type: "string", short: "s" } });
  const { tokens, values } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const taken = new Set();
  for (const token of tokens) {
    if (token.kind !== "option" || token.name !== "stack") continue;
    taken.add(token.index);
    if (token.value !== undefined && !token.inlineValue) taken.add(token.index + 1);
  }
  const stack = typeof values.stack === "string" && values.stack ? values.stack : "dev";
  return { stack, rest: args.filter((_, index) => !taken.has(index)) };
}
