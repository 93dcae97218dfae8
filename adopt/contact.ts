import type { Contact } from "./ask.ts";
import type { Found } from "./found.ts";
import type { Source } from "./planner.ts";
import { partsOf } from "./references.ts";

/** How the user's client reaches a server, with everything that its file refers to; or why it can't be reached so. */
export function contactOf(
  { start, remote, env, cwd }: Found,
  { places }: Source,
  outside: Readonly<Record<string, string | undefined>>,
): Contact | { failure: string } {
  const absent = new Set<string>();
  const whole = (text: string) =>
    partsOf(text, places)
      .map((part) => {
        if (typeof part === "string") return part;
        const value = (part.input ? undefined : outside[part.name]) || part.otherwise;
        if (value === undefined) absent.add(part.name);
        return value ?? "";
      })
      .join("");
  const all = (texts: Record<string, string>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, whole(text)]));
  const contact = start
    ? {
        command: whole(start.command),
        args: start.args.map(whole),
        env: all(env),
        cwd: cwd ?? places.workspaceFolder,
      }
    : remote && { url: whole(remote.url), headers: all(remote.headers) };
  if (!contact) return { failure: "it runs in a cluster" };
  return absent.size > 0 ? { failure: `${[...absent].join(", ")} has no value here` } : contact;
}
