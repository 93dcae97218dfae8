import type { IntegrationModel } from "../components/model/integration.ts";
import { exposedName } from "../components/model/names.ts";
import { RequestFailure } from "../smoke/failure.ts";
import { connect, type JsonObject } from "../smoke/session.ts";

/** One example call of a consumer, ready to be sent as often as one likes. */
export interface ExampleCall {
  consumer: string;
  server: string;
  /** The server's own name of the tool. */
  tool: string;
  /** The name that callers know. */
  name: string;
  arguments: JsonObject;
  /** The consumer's bearer token; absent where the gateway asks for none. */
  token?: string;
  /** Text that must occur in the result, where the example says so. */
  contains?: string;
}

/** The example calls of a declaration, told apart by whether they may be repeated. */
export interface ExampleCalls {
  repeatable: ExampleCall[];
  /** Calls that are not made, and why. */
  skipped: { name: string; reason: string }[];
}

/** Longest time for connecting and for one list, in milliseconds. */
const LIST_MS = 15_000;

/**
 * The example calls of tools by which an integration can be put under load: those that may be repeated, by the
 * declaration (`perTool.repeatable`) or else by the tool's annotations (`readOnlyHint`, `idempotentHint`), as the live
 * gateway lists them. What changes something is not called a thousand times over.
 *
 * @throws RequestFailure when the gateway can't be asked.
 */
export async function exampleCalls(
  model: IntegrationModel,
  endpoint: URL,
  tokens: Readonly<Record<string, string>>,
): Promise<ExampleCalls> {
  const found: ExampleCalls = { repeatable: [], skipped: [] };
  for (const { name: consumer, uses } of model.consumers) {
    const examples = uses.flatMap((use) => ("tool" in use && use.arguments !== undefined ? [use] : []));
    if (examples.length === 0) continue;
    const token = tokens[consumer];
    const tools = await toolsOf(endpoint, token);
    for (const { server, tool, arguments: args = {}, expect } of examples) {
      const name = exposedName(server, tool);
      const reason = whyNot(model, server, tool, tools.get(name));
      if (reason) found.skipped.push({ name, reason });
      else {
        found.repeatable.push({
          consumer,
          server,
          tool,
          name,
          arguments: args,
          ...(token && { token }),
          ...(expect && { contains: expect.contains }),
        });
      }
    }
  }
  return found;
}

function whyNot(
  model: IntegrationModel,
  server: string,
  tool: string,
  definition: JsonObject | undefined,
): string | undefined {
  if (!definition) return "is not listed by the gateway now";
  const declared = model.servers.find(({ name }) => name === server)?.perTool[tool]?.repeatable;
  if (declared === false) return "may not be repeated, by its declaration (perTool.repeatable)";
  const hints = (definition.annotations ?? {}) as JsonObject;
  if (declared || hints.readOnlyHint === true || hints.idempotentHint === true) return undefined;
  return "may change something: its server gives it neither readOnlyHint nor idempotentHint (perTool.repeatable says otherwise)";
}

async function toolsOf(endpoint: URL, token: string | undefined): Promise<Map<string, JsonObject>> {
  const signal = AbortSignal.timeout(2 * LIST_MS);
  const session = await connect({ endpoint, era: "2026-07-28", token, limit: LIST_MS, signal });
  try {
    const { tools } = await session.request("tools/list", {}, LIST_MS);
    if (!Array.isArray(tools)) throw new RequestFailure("lists no tools", {});
    return new Map(tools.map((tool: JsonObject) => [String(tool.name), tool]));
  } finally {
    await session.close();
  }
}
