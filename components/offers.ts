import * as pulumi from "@pulumi/pulumi";
import { Declaration } from "./declaration.ts";
import { faultsOf } from "./model/faults.ts";
import { offersSchema, offersVersion, type SecretStoreModel, type ServerModel } from "./model/index.ts";
import { Server } from "./server.ts";
import type { Offer } from "./server-args.ts";

/** What a stack exports, so that the gateways of other stacks have its servers; made by {@link offer}. */
export interface Offers {
  /** Version of the form. */
  version: typeof offersVersion;
  /** By name: what a rule has to know of the server, and where it is. No secret is in it. */
  servers: Record<
    string,
    {
      target: string;
      namespace?: string;
      model: ServerModel;
      secrets: SecretStoreModel[];
      url: pulumi.Input<string>;
      socket?: pulumi.Input<string>;
      revision: pulumi.Output<string>;
    }
  >;
}

/**
 * Offers servers of this program to the gateways of other stacks, which read it by {@link readOffers}:
 *
 * ```ts
 * export const offers = mcp.offer(notes, documents);
 * ```
 *
 * On Kubernetes the target says which namespaces may call them: `offeredTo`.
 */
export function offer(...servers: Server[]): Offers {
  const offered: Offers["servers"] = {};
  for (const [index, server] of servers.entries()) {
    if (!(server instanceof Server))
      throw new pulumi.RunError(
        `offer: argument ${index + 1} is no Server; hand in what new mcp.Server(…) made`,
      );
    const { name, model, target, stores, endpoint, revision } = server;
    const fault = (reason: string, remediation: string) =>
      target.declaration.fault(`server ${name}: offer`, reason, remediation);
    if (model?.remote)
      fault("runs elsewhere already", "Declare it in the gateway's program: remote: { url: … }.");
    if (model?.offered)
      fault(`is stack ${model.offered.stack}'s`, "Read it from there: await mcp.readOffers(…).");
    if (name in offered) fault("is offered twice", "Offer each server once.");
    if (!model) continue;
    offered[name] = {
      target: target.kind,
      ...(target.namespace && { namespace: target.namespace }),
      model,
      secrets: stores,
      ...endpoint,
      revision,
    };
  }
  return { version: offersVersion, servers: offered };
}

/**
 * The servers that another stack offers, by name. They are plain values, in a preview too, so await them before you
 * declare what uses them:
 *
 * ```ts
 * const offers = await mcp.readOffers("acme/notes/prod");
 * const notes = new mcp.Server("notes", { target, offered: offers.notes, tools: ["search"] });
 * ```
 *
 * What the other stack changes is seen by the next preview of this one.
 *
 * @param stack the other stack: `organization/project/stack`
 * @param output the name of its output. Default: `offers`
 * @throws {pulumi.RunError} one error with everything that is wrong with what the stack exports
 */
export function readOffers(stack: string, output = "offers"): Promise<Record<string, Offer>> {
  return Declaration.during(exported(stack, output).then((value) => offersIn(value, stack, output)));
}

async function exported(stack: string, output: string): Promise<unknown> {
  const reference = new pulumi.StackReference(`${stack} ${output}`, { name: stack });
  const { value, secretValue } = await reference.getOutputDetails(output);
  return value ?? secretValue;
}

/** Reads what a stack has exported. Pure. */
export function offersIn(value: unknown, stack: string, output: string): Record<string, Offer> {
  const refuse = (reason: string): never => {
    throw new pulumi.RunError(`what stack ${stack} offers can't be read\n✗ ${reason}`);
  };
  if (value === undefined)
    refuse(
      `it has no output "${output}": it was never deployed, is destroyed, or its program doesn't export it\n` +
        `    → export const ${output} = mcp.offer(…), and deploy it: pulumi up --stack ${stack}`,
    );
  if (isNewer(value))
    refuse(
      `its output "${output}" is of version ${value.version}, and this version of mcp-infra reads ${offersVersion}\n` +
        "    → update mcp-infra in this program",
    );
  const parsed = offersSchema.safeParse(value);
  if (!parsed.success) {
    const faults = faultsOf(offersSchema, parsed.error.issues, value).map(
      ({ path, reason }) => `${[output, path].filter(Boolean).join(".")}: ${reason}`,
    );
    return refuse(`${faults.join("\n✗ ")}\n    → export const ${output} = mcp.offer(…) is what makes it`);
  }
  return Object.fromEntries(
    Object.entries(parsed.data.servers).map(([name, server]) => [name, { ...server, stack }]),
  );
}

function isNewer(value: unknown): value is { version: number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "version" in value &&
    typeof value.version === "number" &&
    value.version > offersVersion
  );
}
