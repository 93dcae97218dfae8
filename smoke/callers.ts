import type { UseModel } from "../components/model/consumer.ts";
import type { IntegrationModel } from "../components/model/integration.ts";
import { exposedName } from "../components/model/names.ts";

/** Somebody who calls the gateway: a consumer, or everyone where the gateway asks for no token. */
export interface Caller {
  name: string;
  /** As the report names it. */
  subject: string;
  /** Absent where the gateway asks for none, and until it was fetched. */
  token?: string;
  uses: UseModel[];
}

/** What a list must and may hold. */
export interface Wanted {
  /** Exposed names that must be there. */
  names: Set<string>;
  /** Servers of which anything may be there, because the use is a wildcard. */
  anyOf: Set<string>;
}

/** Whether the gateway tells consumers apart by their tokens. */
export function asksForTokens(model: IntegrationModel): boolean {
  return model.gateway?.auth.mode !== "none";
}

/**
 * Who is to be tried: each consumer, or, without authentication, one caller with what all consumers use
 * together (that is what such a gateway shows to everyone).
 */
export function callersOf(model: IntegrationModel, tokens: Record<string, string>): Caller[] {
  if (asksForTokens(model)) {
    return model.consumers.map(({ name, uses }) => ({
      name,
      subject: `consumer ${name}`,
      token: Object.hasOwn(tokens, name) ? tokens[name] : undefined,
      uses,
    }));
  }
  const uses = new Map(model.consumers.flatMap((each) => each.uses).map((use) => [JSON.stringify(use), use]));
  return uses.size === 0
    ? []
    : [{ name: "everyone", subject: "everyone (no token)", uses: [...uses.values()] }];
}

/** The tools that a caller must see, and the servers whose every tool it may see. */
export function wantedTools(caller: Caller, model: IntegrationModel): Wanted {
  const tools = caller.uses.flatMap((use) => ("tool" in use ? [{ server: use.server, name: use.tool }] : []));
  return wanted(tools, (server) => model.servers.find(({ name }) => name === server)?.tools ?? []);
}

/** The prompts that a caller must see, and the servers whose every prompt it may see. */
export function wantedPrompts(caller: Caller): Wanted {
  return wanted(
    caller.uses.flatMap((use) => ("prompt" in use ? [{ server: use.server, name: use.prompt }] : [])),
    () => [],
  );
}

function wanted(uses: { server: string; name: string }[], declared: (server: string) => string[]): Wanted {
  const names = new Set<string>();
  const anyOf = new Set<string>();
  for (const { server, name } of uses) {
    if (name !== "*") names.add(exposedName(server, name));
    else {
      anyOf.add(server);
      for (const each of declared(server)) names.add(exposedName(server, each));
    }
  }
  return { names, anyOf };
}

/** Name of the server that an exposed name belongs to. */
export function serverOf(exposed: string): string {
  return exposed.split("__", 1)[0] ?? "";
}

/** Whether a list may hold this name. */
export function allows({ names, anyOf }: Wanted, exposed: string): boolean {
  return names.has(exposed) || anyOf.has(serverOf(exposed));
}
