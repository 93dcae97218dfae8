import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Consumer } from "./consumer.ts";
import type { Declaration } from "./declaration.ts";
import type { GatewayArgs } from "./gateway-args.ts";
import { judge } from "./judge.ts";
import { type GatewayModel, gatewaySchema, type IntegrationModel } from "./model/index.ts";
import { Server } from "./server.ts";
import type { Target } from "./targets/target.ts";

/** One endpoint in front of several servers: authentication, access by consumer, one namespace, metrics and audit. */
export class Gateway extends pulumi.ComponentResource {
  /** The gateway with its servers and consumers. */
  readonly model: IntegrationModel;
  /** URL of the MCP endpoint for clients. */
  readonly endpoint: pulumi.Output<string>;
  /** Bearer tokens by the consumer's name; secret. Empty when `auth.mode` is `none`. */
  readonly tokens: pulumi.Output<Record<string, string>>;
  /** Changes with every new instance of it or of a server behind it. */
  readonly revision: pulumi.Output<string>;
  /** Whether it and all its parts could be read; a whole with a refused part is not judged. */
  readonly complete: boolean;
  /** Where it runs. */
  readonly target: Target;
  /** The components it stands on, for what must wait for all of them. */
  readonly parts: pulumi.Resource[];

  constructor(name: string, args: GatewayArgs, options?: pulumi.ComponentResourceOptions) {
    const { target, servers: givenServers, consumers: givenConsumers, ...described } = args;
    const servers = partsOf(Server, givenServers, `gateway ${name}: servers`, target.declaration);
    const consumers = partsOf(Consumer, givenConsumers, `gateway ${name}: consumers`, target.declaration);
    const gateway = target.declaration.read(gatewaySchema, `gateway ${name}`, { ...described, name });
    const model = gatewayScope(name, target, servers, consumers, gateway);
    const complete = gateway !== undefined && [...servers, ...consumers].every((part) => part.model);
    if (complete) judge(target, model);
    for (const server of servers) {
      const apart = server.model && !server.model.remote && separation(server, target);
      if (apart)
        target.declaration.fault(
          `gateway ${name}: servers: ${server.name}`,
          `runs on ${apart[0]}, and the gateway on ${apart[1]}: there is no route`,
          "Run both on one target, or declare the server as remote by an address that the gateway reaches.",
        );
    }
    super(
      "mcp-infra:index:Gateway",
      name,
      inputsOf(model),
      target.declaration.held(pulumi.mergeOptions(options, { hideDiffs: ["model"] })),
    );
    this.model = model;
    this.complete = complete;
    this.target = target;
    this.parts = [this, ...servers, ...consumers];
    const tokens = gateway?.auth.mode === "tokens" ? this.#makeTokens(name, target) : {};
    const provisioned =
      gateway &&
      target.gateway(
        {
          name,
          model,
          endpoints: Object.fromEntries(
            servers.flatMap((server) => (server.model ? [[server.model.name, server.endpoint]] : [])),
          ),
          tokenDigests: Object.fromEntries(
            Object.entries(tokens).map(([consumer, token]) => [consumer, digest(token)]),
          ),
          headers: Object.fromEntries(
            servers.flatMap((server) => (server.model ? [[server.model.name, server.headers]] : [])),
          ),
        },
        // Processes first: a gateway that starts before its servers would find them all down.
        { parent: this, dependsOn: servers },
      );
    this.endpoint = provisioned?.endpoint ?? pulumi.output("");
    this.tokens = pulumi.secret(pulumi.all(tokens));
    this.revision = pulumi
      .all([provisioned?.revision ?? "", ...servers.map(({ revision }) => revision)])
      .apply((revisions) => createHash("sha256").update(revisions.join("\n")).digest("hex"));
    this.registerOutputs({ endpoint: this.endpoint, tokens: this.tokens, model });
  }

  #makeTokens(name: string, target: Target): Record<string, pulumi.Output<string>> {
    const made = this.model.consumers.map((consumer) => [
      consumer.name,
      target.generateSecret(`${name}-${consumer.name}-token`, { parent: this }),
    ]);
    return Object.fromEntries(made);
  }
}

function gatewayScope(
  name: string,
  target: Target,
  servers: Server[],
  consumers: Consumer[],
  gateway?: GatewayModel,
): IntegrationModel {
  return {
    scope: "gateway",
    name,
    target: target.kind,
    servers: servers.flatMap(({ model }) => model ?? []),
    consumers: consumers.flatMap(({ model }) => model ?? []),
    secrets: [
      ...new Map(servers.flatMap(({ stores }) => stores.map((store) => [store.name, store]))).values(),
    ],
    ...(gateway && { gateway }),
  };
}

/** Where a server runs and where the gateway does, in words, when the one is not reached from the other. */
function separation(server: Server, target: Target): [string, string] | undefined {
  if (server.target.kind !== target.kind) return [server.target.kind, target.kind];
  // What another stack runs is where it is, whichever target names it here.
  if (target.namespace === undefined || server.target === target || server.model?.offered) return undefined;
  const inWords = (namespace = "") => `a target in namespace ${namespace}`;
  return [inWords(server.target.namespace), `another in ${target.namespace}`];
}

/** The facts a reviewer looks for in a diff stand flat; the whole model is there for policies and tools. */
function inputsOf(model: IntegrationModel): Record<string, unknown> {
  return {
    servers: model.servers.map(({ name }) => name),
    consumers: model.consumers.map(({ name }) => name),
    listen: model.gateway?.listen,
    replicas: model.gateway?.replicas,
    auth: model.gateway?.auth.mode,
    timeoutMs: model.gateway?.resilience.timeout,
    objectives: model.gateway?.objectives,
    model,
  };
}

/** A token is 256 random bits: its digest tells nothing, so the gateway's configuration may show it. */
function digest(token: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(token.apply((value) => createHash("sha256").update(value).digest("hex")));
}

/** The components in a list; whatever else stands there, such as the `undefined` of a condition, is reported. */
function partsOf<Part>(
  type: new (...args: never[]) => Part,
  given: readonly unknown[],
  path: string,
  declaration: Declaration,
): Part[] {
  const list = Array.isArray(given) ? given : [given];
  const isPart = (part: unknown): part is Part => part instanceof type;
  for (const [index, part] of list.entries())
    if (!isPart(part))
      declaration.fault(
        `${path}[${index}]`,
        `is no ${type.name}`,
        `Hand in what new mcp.${type.name}(…) made.`,
      );
  return list.filter(isPart);
}
