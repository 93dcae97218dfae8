import { looksSecret, namesSecret } from "../components/rules/secret-forms.ts";
import { inArgument } from "../components/rules/security/secrets-by-reference.ts";

/** Arguments without the secrets among them, and those with the variable that takes each one's place. */
export interface SortedArguments {
  args: string[];
  secrets: { variable: string; value: string; argument: string }[];
}

/** Whether text is a secret by what it refers to. */
export type RefersToSecret = (text: string) => boolean;

/** Takes secrets out of arguments, each with its flag: everybody on a machine can read a process's arguments. */
export function sortArguments(given: readonly string[], refersToSecret: RefersToSecret): SortedArguments {
  const sorted: SortedArguments = { args: [], secrets: [] };
  for (let index = 0; index < given.length; index++) {
    const argument = given[index] ?? "";
    const next = given[index + 1];
    const [, flag, inline] = /^--?([\w-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const carries = inArgument(argument, undefined) || refersToSecret(inline ?? argument);
    if (flag !== undefined && inline !== undefined && carries) sorted.secrets.push(entry(flag, inline));
    else if (
      flag !== undefined &&
      inline === undefined &&
      next !== undefined &&
      takesSecret(argument, next, refersToSecret)
    ) {
      sorted.secrets.push(entry(flag, next));
      index++;
    } else if (carries) sorted.secrets.push(entry(undefined, argument));
    else sorted.args.push(argument);
  }
  return sorted;
}

const takesSecret = (flag: string, next: string, refersToSecret: RefersToSecret) =>
  !next.startsWith("-") && (inArgument(flag, next) || inArgument(next, undefined) || refersToSecret(next));

/** Most servers that take a secret as --api-key read API_KEY as well; that it is so has to be looked up. */
function entry(flag: string | undefined, value: string) {
  const header = /^([\w-]+):\s/.exec(value)?.[1];
  const reference = /^\$\{(?:\w+:)?([\w-]+)\}$/.exec(value)?.[1];
  const name =
    (flag && flag.length > 1 ? flag : undefined) ??
    header ??
    reference ??
    (value.includes("://") ? "DATABASE_URL" : "SECRET");
  return {
    variable: name.replaceAll("-", "_").toUpperCase(),
    value,
    argument: flag === undefined ? "an argument" : `the argument ${flag.length > 1 ? "--" : "-"}${flag}`,
  };
}

/** Whether a variable or header holds a secret. */
export const holdsSecret = (name: string, value: string): boolean =>
  namesSecret(name, value) || looksSecret(value);
