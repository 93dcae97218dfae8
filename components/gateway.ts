import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Consumer } from "./consumer.ts";
import type { Declaration } from "./declaration.ts";
import type { FailoverArgs, GatewayArgs } from "./gateway-args.ts";
import { judge } from "./judge.ts";
import {
  type GatewayModel,
  gatewaySchema,
  type IntegrationModel,
  type SecretStoreModel,
} from "./model/index.ts";
import { partOf, partsOf } from "./parts.ts";
import { releasedCatalogue } from "./release.ts";
import { isReference, storesOf } from "./secrets.ts";
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
    const { target, servers: givenServers, consumers: givenConsumers, failover, ...described } = args;
    const { declaration } = target;
    const exposed = partsOf(Server, givenServers, `gateway ${name}: servers`, declaration);
    const groups = groupsOf(failover, `gateway ${name}: failover`, declaration);
    const servers = [...new Set([...exposed, ...groups.flatMap(({ standby }) => standby)])];
    const consumers = partsOf(Consumer, givenConsumers, `gateway ${name}: consumers`, declaration);
    const gateway = declaration.read(gatewaySchema, `gateway ${name}`, {
      ...(target.release && { catalogue: releasedCatalogue(target.release, servers, namesOf(consumers)) }),
      ...described,
      ...(failover && { failover: groups.map(named) }),
      name,
    });
    const secrets = [args.auth?.login?.clientSecret, args.userTokens?.key].filter(isReference);
    const stores = [...servers.flatMap((server) => server.stores), ...storesOf(secrets)];
    const model = gatewayScope(name, target, { servers, consumers, stores }, gateway);
    const complete =
      gateway !== undefined &&
      groups.every(({ primary }) => primary) &&
      [...servers, ...consumers].every((part) => part.model);
    if (complete) judge(target, model);
    for (const server of servers) {
      const apart = server.model && !server.model.remote && separation(server, target);
      if (apart)
        declaration.fault(
          `gateway ${name}: servers: ${server.name}`,
          `runs on ${apart[0]}, and the gateway on ${apart[1]}: there is no route`,
          "Run both on one target, or declare the server as remote by an address that the gateway reaches.",
        );
    }
    super(
      "mcp-infra:index:Gateway",
      name,
      inputsOf(model),
      declaration.held(pulumi.mergeOptions(options, { hideDiffs: ["model"] })),
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
          secrets: [...servers.flatMap((server) => server.credentials), ...secrets],
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

/** The consumers that could be read. */
function namesOf(consumers: readonly Consumer[]): { name: string }[] {
  return consumers.flatMap(({ model }) => model ?? []);
}

function gatewayScope(
  name: string,
  target: Target,
  { servers, consumers, stores }: { servers: Server[]; consumers: Consumer[]; stores: SecretStoreModel[] },
  gateway?: GatewayModel,
): IntegrationModel {
  return {
    scope: "gateway",
    name,
    target: target.kind,
    servers: servers.flatMap(({ model }) => model ?? []),
    consumers: consumers.flatMap(({ model }) => model ?? []),
    secrets: [...new Map(stores.map((store) => [store.name, store])).values()],
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
  const groups = model.gateway?.failover ?? [];
  const failover = groups.map(({ primary, standby }) => [primary, ...standby].join(" → "));
  return {
    servers: model.servers.map(({ name }) => name),
    consumers: model.consumers.map(({ name }) => name),
    listen: model.gateway?.listen,
    replicas: model.gateway?.replicas,
    auth: model.gateway?.auth.mode,
    publicUrl: model.gateway?.publicUrl,
    timeoutMs: model.gateway?.resilience.timeout,
    failover: failover.length > 0 ? failover : undefined,
    objectives: model.gateway?.objectives,
    model,
  };
}

/** A token is 256 random bits: its digest tells nothing, so the gateway's configuration may show it. */
function digest(token: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(token.apply((value) => createHash("sha256").update(value).digest("hex")));
}

/** A failover group as it was written, whatever else may stand there than was asked for. */
type Group = Partial<FailoverArgs> & Pick<FailoverArgs, "standby">;

/** The failover groups with their components. */
function groupsOf(given: readonly FailoverArgs[] = [], path: string, declaration: Declaration): Group[] {
  return [given].flat().map((group, index) => {
    const at = `${path}[${index}]`;
    const primary = partOf(Server, group?.primary, `${at}.primary`, declaration);
    return { ...group, primary, standby: partsOf(Server, group?.standby, `${at}.standby`, declaration) };
  });
}

/** A group as the model has it: by names. That a primary is none has been said by now. */
function named({ primary, standby, ...rest }: Group) {
  return { ...rest, primary: primary?.name ?? "none", standby: standby.map(({ name }) => name) };
}
