import type { Setting } from "../adopt/index.ts";
import { pulumi, UserError } from "./project.ts";

/** What became of the settings that a program reads. */
export interface Configured {
  set: Setting[];
  /** Those that the stack has already; they stay as they are. */
  kept: Setting[];
  /** Those that have no value yet. */
  open: Setting[];
  /** Why nothing could be set. */
  failure?: string;
}

/** Puts what is known into the stack's configuration, secrets encrypted; a value is never an argument of a process. */
export async function configure(
  settings: readonly Setting[],
  stack: string | undefined,
): Promise<Configured> {
  const configured: Configured = { set: [], kept: [], open: [...settings] };
  if (settings.length === 0) return configured;
  const ofStack = stack ? ["--stack", stack] : [];
  try {
    const keys = Object.keys(JSON.parse(await pulumi(["config", "--json", ...ofStack])));
    const there = new Set(keys.map((key) => key.slice(key.indexOf(":") + 1)));
    for (const setting of settings) {
      const { key, secret, value } = setting;
      if (there.has(key)) configured.kept.push(setting);
      else if (value === undefined) continue;
      else {
        await pulumi(["config", "set", key, secret ? "--secret" : "--plaintext", ...ofStack], `${value}\n`);
        configured.set.push(setting);
      }
      configured.open = configured.open.filter((each) => each !== setting);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    configured.failure = error.message;
  }
  return configured;
}
