import type { PlannedServer } from "./plan.ts";
import type { Settings, Text } from "./settings.ts";

/** How a server is reached once, with every value in place, as `pulumi up` will start it. */
export type Contact =
  | {
      program: { package?: string; bin?: string; command?: string };
      args: string[];
      env: Record<string, string>;
    }
  | { url: string; headers: Record<string, string> };

/** How a planned server is reached; or why it can't be, before it is deployed. */
export function contactOf(
  { stdio, remote, env = {} }: PlannedServer,
  settings: Settings,
): Contact | { failure: string } {
  const absent = new Set<string>();
  const whole = (text: Text) => {
    const value = settings.valueOf(text);
    if (value === undefined) for (const key of settings.openIn(text)) absent.add(key);
    return value ?? "";
  };
  const all = (texts: Record<string, Text>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, whole(text)]));
  if (stdio?.image !== undefined || !(stdio ?? remote)) return { failure: "images are not started here" };
  const { args = [], command, ...program } = stdio ?? {};
  const contact = remote
    ? { url: whole(remote.url), headers: all(remote.headers ?? {}) }
    : {
        program: { ...program, ...(command !== undefined && { command: whole(command) }) },
        args: args.map(whole),
        env: all(env),
      };
  return absent.size > 0 ? { failure: `there is no value yet for ${[...absent].join(", ")}` } : contact;
}
