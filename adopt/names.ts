import { nameSchema } from "../components/model/index.ts";

/** The words in a name, however it is written: `GITHUB_TOKEN`, `githubToken`, `X-Api-Key`. */
const wordsOf = (text: string) =>
  text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.toLowerCase());

/** A name as servers and integrations have it, by what it is a name of; one that is right already stays as it is. */
export function properName(given: string, kind: "server" | "project"): string {
  if (nameSchema.safeParse(given).success) return given;
  // The registry's names have their owner in front: io.github.acme/search.
  const words = wordsOf(given.split("/").at(-1) ?? "").join("-");
  const named = /^[a-z]/.test(words) ? words : `${kind}-${words}`;
  return named.slice(0, 40).replace(/-+$/, "");
}

/** A name as code and configuration may have it: `githubToken`. */
export function camelCase(...texts: string[]): string {
  const [first = "", ...others] = texts.flatMap(wordsOf);
  const name = first + others.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^[a-z]/.test(name) ? name.slice(0, 60) : `value${name}`.slice(0, 60);
}

/** The name, or the name with the first number that makes it another than those that are taken. */
export function untaken(name: string, taken: ReadonlySet<string>, joint = ""): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name.slice(0, 36)}${joint}${number}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** What the program declares beside the servers, and words that TypeScript keeps for itself in a module. */
export const takenIdentifiers: ReadonlySet<string> = new Set(
  (
    "mcp pulumi config target secrets agent gateway smokeTest alerting endpoint imported servers consumers " +
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public " +
    "return static super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);
