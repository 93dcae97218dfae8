import * as pulumi from "@pulumi/pulumi";
import type { Declaration } from "./declaration.ts";
import { judge } from "./judge.ts";
import {
  acceptOffer,
  type IntegrationModel,
  narrowingSchema,
  offerSchema,
  programOf,
  type SecretStoreModel,
  type ServerModel,
  serverSchema,
} from "./model/index.ts";
import { released } from "./release.ts";
import { isReference, type SecretRef, storesOf } from "./secrets.ts";
import type { Offer, ServerArgs } from "./server-args.ts";
import type { SecretsByName, ServerEndpoint, Target } from "./targets/target.ts";

/** An example call of a tool or prompt: what the smoke test sends and what must come back. */
export interface Example<Arguments = Record<string, unknown>> {
  /** Arguments of the call. */
  arguments?: Arguments;
  /** What the result must give; without it, any result that is no error will do. */
  expect?: { /** Text that must occur in the result. */ contains: string };
}

/** One thing that a consumer uses; made by {@link Server.tool}, {@link Server.prompt} or {@link Server.resource}. */
export type Use = { server: Server } & (
  | ({ tool: string } & Example)
  | ({ prompt: string } & Example<Record<string, string>>)
  | { resource: string; expect?: Example["expect"] }
);

/** One MCP server: a process or workload of its own, wherever its target runs it. */
export class Server extends pulumi.ComponentResource {
  /** The server as resolved; absent when its arguments are refused. */
  readonly model: ServerModel | undefined;
  /** The stores of the secrets it is handed. */
  readonly stores: SecretStoreModel[];
  /** Where gateways reach it. */
  readonly endpoint: ServerEndpoint;
  /** Changes with every new instance of it. */
  readonly revision: pulumi.Output<string>;
  /** Its name, as declared. */
  readonly name: string;
  /** Where it runs. */
  readonly target: Target;
  /** What the gateway is handed for it: secret headers of a remote server, and its OAuth client's secret. */
  readonly credentials: SecretRef[];

  constructor(name: string, args: ServerArgs, options?: pulumi.ComponentResourceOptions) {
    const { target, offered } = args;
    const { model, stores } = resolve(name, args);
    if ("offered" in args && !(offered ?? args.stdio ?? args.http ?? args.remote))
      target.declaration.fault(
        `server ${name}: offered`,
        "is undefined: the stack offers no server of that name",
        "Look at what it offers: pulumi stack output offers --stack <stack>.",
      );
    if (model) judge(target, serverScope(target, model, stores));
    super(
      "mcp-infra:index:Server",
      name,
      inputsOf(model, target.kind, stores, offered),
      target.declaration.held(pulumi.mergeOptions(options, { hideDiffs: ["model"] })),
    );
    this.name = name;
    this.target = target;
    this.model = model;
    this.stores = stores;
    this.credentials = credentialsOf(args);
    const provisioned =
      model && !model.remote && !model.offered
        ? target.server({ name, model, secrets: secretsIn(args.env) }, { parent: this })
        : undefined;
    const { url, socket, revision } = offered ?? { url: args.remote?.url ?? "", revision: args.remote?.url };
    this.endpoint = provisioned?.endpoint ?? { url, ...(socket && { socket }) };
    this.revision = provisioned?.revision ?? pulumi.output(revision ?? "");
    this.registerOutputs({ url: this.endpoint.url });
  }

  /** A use of one of its tools, by the server's own name for it, with the example that proves it. */
  tool(tool: string, example: Example = {}): Use {
    return { server: this, tool, ...example };
  }

  /** A use of one of its prompts. */
  prompt(prompt: string, example: Example<Record<string, string>> = {}): Use {
    return { server: this, prompt, ...example };
  }

  /** A use of a resource by its URI; one that ends in `/` stands for all below it. */
  resource(resource: string, example: Pick<Example, "expect"> = {}): Use {
    return { server: this, resource, ...example };
  }
}

/** The server as declared, or as another stack offers it, with the stores of its secrets. */
function resolve(
  name: string,
  { target: { declaration, release }, offered, ...declared }: ServerArgs,
): { model?: ServerModel; stores: SecretStoreModel[] } {
  const property = `server ${name}`;
  const { args: described, fault } = released(name, declared, release);
  if (fault)
    declaration.fault(
      property,
      fault,
      "Promote a release that has it: npx mcp-infra promote --from … --to …",
    );
  if (offered === undefined) {
    return {
      model: declaration.read(serverSchema, property, { ...described, name }),
      stores: storesOf([...Object.values(described.env ?? {}), ...credentialsOf(described)]),
    };
  }
  return accept(declaration, property, offered, { ...described, name });
}

/** An offer, by what its user wants of it. */
function accept(
  declaration: Declaration,
  property: string,
  offered: Offer,
  described: unknown,
): { model?: ServerModel; stores: SecretStoreModel[] } {
  const offer = declaration.read(offerSchema, `${property}: offered`, offered);
  const wanted = declaration.read(narrowingSchema, property, described);
  if (!offer || !wanted) return { stores: [] };
  const { model, secrets, excess } = acceptOffer(offer, wanted);
  for (const { property: part, reason } of excess)
    declaration.fault(
      `${property}: ${part}`,
      reason,
      `Ask for what is offered, or let the owner of stack ${offer.stack} offer more.`,
    );
  return { model, stores: secrets };
}

/** The facts a reviewer looks for in a diff stand flat; the whole model is there for policies and tools. */
function inputsOf(
  model: ServerModel | undefined,
  target: string,
  stores: SecretStoreModel[],
  offered?: Offer,
): Record<string, unknown> {
  // A gated property even so: a refused server must not be registered.
  if (!model) return { model };
  const program = programOf(model);
  return {
    transport: model.stdio ? "stdio" : model.http ? "http" : "remote",
    artifact: program?.package ?? program?.image ?? program?.command ?? model.remote?.url,
    offeredBy: model.offered?.stack,
    // A new start of it in its own stack, which this one has to be proved against.
    revision: offered?.revision,
    replicas: model.replicas,
    autoscale: model.autoscale,
    egress: model.egress.length > 0 ? model.egress : undefined,
    timeoutMs: model.timeout,
    tools: model.tools,
    model: serverScope({ kind: target }, model, stores),
  };
}

function serverScope(
  target: Pick<Target, "kind">,
  model: ServerModel,
  secrets: SecretStoreModel[],
): IntegrationModel {
  return { scope: "server", name: model.name, target: target.kind, servers: [model], consumers: [], secrets };
}

function credentialsOf({ remote }: Pick<ServerArgs, "remote">): SecretRef[] {
  const clients = Object.values(remote?.auth ?? {}).map((client) => client?.clientSecret);
  return [...Object.values(remote?.headers ?? {}), ...clients].filter(isReference);
}

function secretsIn(values: Record<string, string | SecretRef> = {}): SecretsByName {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, SecretRef] => isReference(entry[1])),
  );
}
