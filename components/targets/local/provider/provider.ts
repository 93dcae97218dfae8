import type { CheckFailure, Provider } from "@pulumi/pulumi/provider/index.js";
import { PlainError } from "./faults.ts";
import { fileResource } from "./file-resource.ts";
import { processResource } from "./process-resource.ts";
import type { ResourceType } from "./resource-type.ts";
import { tokenResource } from "./token-resource.ts";
import { withoutUndefined } from "./values.ts";

/** Every type of resource that the plugin has, by the last part of its token. */
const resourceTypes: Record<string, ResourceType> = {
  Process: processResource,
  Token: tokenResource,
  File: fileResource,
};

/** The plugin `mcp-infra-local`: MCP servers and gateways as processes of this machine. */
export const localProvider = {
  version: "0.1.0",
  schema: JSON.stringify({ name: "mcp-infra-local", version: "0.1.0" }),
  check: async (urn, olds, news) => {
    const { inputs, failures = [] } = await typeOf(urn).check(urn, olds ?? {}, news);
    return { inputs: withoutUndefined(inputs), failures: failures.map(readable) };
  },
  diff: async (_id, urn, olds, news) => typeOf(urn).diff(olds, news),
  create: async (urn, inputs) => withoutUndefined(await typeOf(urn).create(urn, inputs)),
  read: async (id, urn, props) => withoutUndefined(await typeOf(urn).read(id, props ?? {})),
  update: async (_id, urn, olds, news) => withoutUndefined(await typeOf(urn).update(urn, olds, news)),
  delete: async (_id, urn, props) => typeOf(urn).delete(urn, props),
} satisfies Provider;

/**
 * Beside a property's path the engine prints its value, for which it only looks among the outermost ones:
 * `value {<nil>}` for most, and for `secretEnv` what nobody should see. With the path in the text it prints that.
 */
function readable({ property, reason }: CheckFailure): CheckFailure {
  return { property: "", reason: `${property}: ${reason}` };
}

function typeOf(urn: string): ResourceType {
  // urn:pulumi:stack::project::parent$mcp-infra-local:index:Process::name
  const type = urn.split("::")[2]?.split(":").at(-1) ?? "";
  const found = resourceTypes[type];
  if (found === undefined) throw new PlainError(`the plugin mcp-infra-local has no resource type "${type}"`);
  return found;
}
