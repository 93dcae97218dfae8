// @ts-check
import { parseArgs } from "node:util";
import { Refusal } from "./checkout.mjs";

/**
 * Takes `--stack NAME` (or `-s NAME`) out of the arguments; all others are Pulumi's.
 * @param {string} verb
 * @param {string[]} args
 * @throws {Refusal} when npm took `--stack` for its own, which happens without the `--` before it
 */
export function stackArgument(verb, args, env = process.env) {
  const options = /** @type {const} */ ({ stack: { type: "string", short: "s" } });
  const { tokens, values } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const taken = new Set();
  for (const [at, token] of tokens.entries()) {
    if (token.kind === "positional" && !mayBeValue(tokens[at - 1])) throw refusal(verb, token.value);
    if (token.kind !== "option" || token.name !== "stack") continue;
    taken.add(token.index);
    if (token.value !== undefined && !token.inlineValue) taken.add(token.index + 1);
  }
  // `--stack=NAME` leaves no argument behind, and would silently be about the default.
  if (values.stack === undefined && env.npm_config_stack)
    throw refusal(verb, env.npm_config_stack === "true" ? "NAME" : env.npm_config_stack);
  const stack = typeof values.stack === "string" && values.stack ? values.stack : "dev";
  return { stack, rest: args.filter((_, index) => !taken.has(index)) };
}

/**
 * Which of Pulumi's options take a value is Pulumi's to know: `--parallel 4`. A value of its own would be a template to
 * fetch, for `pulumi up`.
 * @param {{ kind: string, name?: string, value?: unknown } | undefined} before
 */
function mayBeValue(before) {
  return before?.kind === "option" && before.name !== "stack" && before.value === undefined;
}

/** @param {string} verb @param {string} stack */
function refusal(verb, stack) {
  return new Refusal(
    `npm keeps options for itself unless \`--\` stands before them.\nWrite: npm run ${verb} -- --stack ${stack}`,
  );
}
