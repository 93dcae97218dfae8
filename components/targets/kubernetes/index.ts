import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { SmokeReport } from "../../../smoke/report.ts";
import { Declaration } from "../../declaration.ts";
import type { Release } from "../../release.ts";
import type { Rule } from "../../rules/rule.ts";
import { Token } from "../local/resources.ts";
import type {
  AlertingRequest,
  GatewayRequest,
  Provisioned,
  ServerEndpoint,
  ServerRequest,
  Target,
} from "../target.ts";
import { type KubernetesArgs, type KubernetesSettings, kubernetesSchema } from "./args.ts";
import { kubernetesCapabilities } from "./capabilities.ts";
import { type Claims, claimsOf, totalOf } from "./claims.ts";
import { type ConnectionOptions, connect } from "./connection.ts";
import { exposeGateway, exposureSources } from "./exposure.ts";
import { explainFailure } from "./failure-hook.ts";
import {
  gatewayDeadlineSeconds,
  gatewayProgram,
  gatewayUrl,
  gatewayWorkload,
  replicasOf,
} from "./gateway-workload.ts";
import { type Role, selectorLabels, serviceHost } from "./labels.ts";
import { type Make, maker } from "./make.ts";
import { monitor } from "./monitoring/index.ts";
import { Namespace, stackName } from "./namespace.ts";
import { gatewayNetworkPolicies, serverEgress } from "./network.ts";
import { forwarded } from "./port-forward.ts";
import { ownerAnnotation, preflight, stackAnnotation } from "./preflight/index.ts";
import { mountSecrets } from "./secrets.ts";
import { portOf } from "./server-containers.ts";
import { patienceSeconds, serverDeadlineSeconds, serverWorkload } from "./server-workload.ts";
import { keepSmokeReport, smokeReportName } from "./smoke-report.ts";

export type { KubernetesArgs } from "./args.ts";

/**
 * A Kubernetes cluster as a target: every server is a Deployment of its own, by Pod Security `restricted` and cut off
 * from all network paths but the declared ones. The cluster is asked before anything changes whether it can be reached,
 * grants the rights and has what the declaration needs.
 */
export function kubernetes(args: KubernetesArgs): Target {
  const declaration = new Declaration();
  const { kubeconfig, release, ...plain } = args;
  const settings = declaration.read(kubernetesSchema, "kubernetes", plain);
  return new KubernetesTarget(declaration, settings, kubeconfig, release);
}

class KubernetesTarget implements Target {
  readonly kind = "kubernetes";
  readonly declaration: Declaration;
  readonly capabilities: readonly Rule[];
  readonly namespace: string;
  readonly release: Release | undefined;
  readonly #settings: KubernetesSettings;
  readonly #kubeconfig: pulumi.Input<string> | undefined;
  readonly #make: Make;
  readonly #kinds = new Map<string, { apiVersion: string; kind: string }>();
  readonly #claims: Claims[] = [];
  readonly #workloads: string[] = [];
  readonly #volumes: string[] = [];
  #common: { provider: k8s.Provider; dependsOn: Namespace } | undefined;
  /** The gateway that has the host of `expose`. */
  #exposed: string | undefined;

  constructor(
    declaration: Declaration,
    settings: KubernetesSettings | undefined,
    kubeconfig: pulumi.Input<string> | undefined,
    release: Release | undefined,
  ) {
    this.declaration = declaration;
    this.release = release;
    // A target that is refused makes nothing; so that its parts can be judged too, it stands for the least there is.
    this.#settings = settings ?? unreadable;
    this.namespace = this.#settings.namespace;
    this.capabilities = settings ? kubernetesCapabilities(settings) : [];
    this.#kubeconfig = kubeconfig;
    this.#make = maker(declaration, (kind) => this.#kinds.set(`${kind.apiVersion}/${kind.kind}`, kind));
    if (settings)
      declaration.require(async () => {
        // One that another resource of the program makes can't be used before that is there.
        if (!(await isKnown(kubeconfig))) return [];
        return preflight(await this.#connection(), settings, {
          kinds: [...this.#kinds.values()],
          workloads: this.#workloads,
          volumes: this.#volumes,
          claims: totalOf(this.#claims),
          stack: stackName(),
        });
      });
  }

  server(
    { name, model, secrets }: ServerRequest,
    given: pulumi.CustomResourceOptions,
  ): Provisioned<ServerEndpoint> {
    const options = this.#options(given);
    const settings = this.#settings;
    const mounts = mountSecrets(this.#make, name, secrets, settings, options);
    const workload = serverWorkload(model, settings, mounts);
    const { claim, disruptionBudget, autoscaler } = workload;
    if (claim) this.#volumes.push(name);
    const egress = serverEgress(model, settings.namespace);
    const before = [
      ...(claim ? [this.#make(k8s.core.v1.PersistentVolumeClaim, name, this.#marked(claim), options)] : []),
      ...(egress ? [this.#make(k8s.networking.v1.NetworkPolicy, `${name}-egress`, egress, options)] : []),
    ];
    const deployment = this.#deployment(
      {
        role: "server",
        name,
        pods: model.autoscale?.max ?? model.replicas,
        deadline: serverDeadlineSeconds(model),
      },
      workload.deployment,
      // An autoscaler's number is not ours to change; but to leave it out would make it 1 until the autoscaler comes by.
      autoscaler ? { ...options, ignoreChanges: ["spec.replicas"] } : options,
      before,
    );
    this.#make(k8s.core.v1.Service, name, workload.service, after(options, deployment));
    if (disruptionBudget)
      this.#make(k8s.policy.v1.PodDisruptionBudget, name, disruptionBudget, after(options, deployment));
    if (autoscaler)
      this.#make(k8s.autoscaling.v2.HorizontalPodAutoscaler, name, autoscaler, after(options, deployment));
    const host = serviceHost(name, settings.namespace);
    return {
      endpoint: { url: `http://${host}:${portOf(model)}${model.http?.path ?? "/mcp"}` },
      revision: revisionOf(deployment),
    };
  }

  gateway(request: GatewayRequest, given: pulumi.CustomResourceOptions): Provisioned<pulumi.Output<string>> {
    const { name, model } = request;
    const options = this.#options(given);
    const settings = this.#settings;
    const { namespace } = settings;
    const port = model.gateway?.listen.port ?? 0;
    if (settings.expose) this.#expose(name, settings.expose.host);
    const program = gatewayProgram(request, settings);
    const config = this.#make(k8s.core.v1.ConfigMap, `${name}-config`, program.config, options);
    const report = this.#make(
      k8s.core.v1.ConfigMap,
      smokeReportName(name),
      { metadata: { name: smokeReportName(name), namespace } },
      // The smoke test writes it.
      { ...options, ignoreChanges: ["data"] },
    );
    const mounts = mountSecrets(this.#make, name, program.secrets, settings, options);
    const callers = [...new Set([...settings.callersFrom, ...exposureSources(settings)])];
    const policies = gatewayNetworkPolicies(model, settings, callers).map((policy) =>
      this.#make(k8s.networking.v1.NetworkPolicy, policy.metadata.name, policy, options),
    );
    const url = gatewayUrl(request, settings);
    const { deployment, service, claim, disruptionBudget } = gatewayWorkload(
      request,
      settings,
      { configName: config.metadata.name, env: program.env, secrets: mounts },
      settings.expose && url,
    );
    if (claim) this.#volumes.push(name);
    const volume = claim
      ? [this.#make(k8s.core.v1.PersistentVolumeClaim, name, this.#marked(claim), options)]
      : [];
    const made = this.#deployment(
      { role: "gateway", name, pods: replicasOf(request), deadline: gatewayDeadlineSeconds },
      deployment,
      options,
      [report, ...policies, ...volume],
    );
    const ready = this.#make(k8s.core.v1.Service, name, service, after(options, made));
    if (disruptionBudget)
      this.#make(k8s.policy.v1.PodDisruptionBudget, name, disruptionBudget, after(options, made));
    exposeGateway(this.#make, { name, port, model, settings }, after(options, ready));
    return {
      endpoint: ready.id.apply(() => url),
      // Calls are made from where users are: another way there has to be proved anew.
      revision: pulumi.interpolate`${revisionOf(made)}${settings.expose ? `:${JSON.stringify(settings.expose)}` : ""}`,
    };
  }

  generateSecret(name: string, options: pulumi.CustomResourceOptions): pulumi.Output<string> {
    return new Token(name, {}, options).value;
  }

  alerting(request: AlertingRequest, options: pulumi.CustomResourceOptions): pulumi.Output<string> {
    for (const [receiver, { key, from }] of Object.entries(request.receivers))
      if (key in from.external && !this.#settings.secretStore)
        this.declaration.fault(
          `alerting ${request.name}: notify.${receiver}`,
          `is "${key}" of secrets ${from.name}, which an outside store keeps, and the target names none`,
          'Set secretStore of the target: { name: "…" }; External Secrets Operator has to know it.',
        );
    return monitor(this.#make, request, this.#settings, this.#options(options));
  }

  async keepSmokeReport(gateway: string, report: SmokeReport): Promise<void> {
    await keepSmokeReport(await this.#connect(), this.#settings.namespace, gateway, report);
  }

  async reach<T>(gateway: string, endpoint: string, use: (url: string) => Promise<T>): Promise<T> {
    const { expose, namespace } = this.#settings;
    if (expose) return use(endpoint);
    const { port, pathname } = new URL(endpoint);
    const service = { namespace, service: gateway, port: Number(port), path: pathname };
    return forwarded(await this.#connect(), service, use);
  }

  #deployment(
    { role, name, pods, deadline }: { role: Role; name: string; pods: number; deadline: number },
    args: k8s.apps.v1.DeploymentArgs,
    options: pulumi.CustomResourceOptions,
    before: pulumi.Resource[],
  ): k8s.apps.v1.Deployment {
    const selection = { namespace: this.#settings.namespace, labels: selectorLabels(role, name) };
    const explain = explainFailure(`explain-${role}-${name}`, () => this.#connect(), selection);
    this.#claims.push(claimsOf(args, pods));
    this.#workloads.push(name);
    const patience = `${patienceSeconds(deadline, pods)}s`;
    return this.#make(k8s.apps.v1.Deployment, name, this.#marked(args), {
      ...after(options, ...before),
      customTimeouts: { create: patience, update: patience },
      hooks: { onError: [explain] },
    });
  }

  /** With the marks of the stack and of its state: what would be lost if another stack took it for its own. */
  #marked<Args extends { metadata?: unknown }>(args: Args): Args {
    const metadata = args.metadata as k8s.types.input.meta.v1.ObjectMeta;
    const given = metadata.annotations as Record<string, string> | undefined;
    const annotations = {
      ...given,
      [stackAnnotation]: stackName(),
      ...(this.#common && { [ownerAnnotation]: this.#common.dependsOn.owner }),
    };
    return { ...args, metadata: { ...metadata, annotations } };
  }

  /** One host has one gateway: of two, it would be chance which of them answers. */
  #expose(gateway: string, host: string): void {
    if (this.#exposed)
      this.declaration.fault(
        `gateway ${gateway}: target`,
        `exposes ${host}, at which gateway ${this.#exposed} is already`,
        "Give it a target of its own, in another namespace and with another host or none.",
      );
    this.#exposed ??= gateway;
  }

  /** The provider, and the namespace that everything stands in; made with the first part. */
  #options(options: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
    const { namespace, context } = this.#settings;
    if (!this.#common) {
      // A program may have a namespace of the same name in each of several clusters.
      const name = context ? `${context}-${namespace}` : namespace;
      const provider = new k8s.Provider(
        name,
        {
          namespace,
          enableServerSideApply: true,
          ...(context && { context }),
          ...(this.#kubeconfig && { kubeconfig: pulumi.secret(this.#kubeconfig) }),
        },
        this.declaration.held(),
      );
      this.#common = {
        provider,
        dependsOn: new Namespace(name, this.declaration, this.#make, this.#settings, provider),
      };
    }
    const { provider, dependsOn } = this.#common;
    return after({ ...options, provider }, dependsOn);
  }

  async #connection(): Promise<ConnectionOptions> {
    const kubeconfig = await new Promise<string | undefined>((resolve) => {
      pulumi.output(this.#kubeconfig).apply((value) => resolve(value));
    });
    return { kubeconfig, context: this.#settings.context };
  }

  /** For what is done once the stack is there; a run-time kubeconfig is known by then. */
  async #connect() {
    return connect(await this.#connection());
  }
}

/** Whether a value is known by now; in a preview some are not. (The property is there, and missing in the SDK's types.) */
function isKnown(value: pulumi.Input<string> | undefined): Promise<boolean> {
  return (pulumi.output(value) as unknown as { isKnown: Promise<boolean> }).isKnown;
}

const unreadable = kubernetesSchema.parse({
  namespace: "unreadable",
  image: { reference: `unreadable@sha256:${"0".repeat(64)}` },
});

/** A new generation is a new rollout; a new uid, a new Deployment. */
function revisionOf({ metadata }: k8s.apps.v1.Deployment): pulumi.Output<string> {
  return pulumi.interpolate`${metadata.uid}:${metadata.generation}`;
}

function after(
  options: pulumi.CustomResourceOptions,
  ...resources: pulumi.Resource[]
): pulumi.CustomResourceOptions {
  const { dependsOn } = options;
  return pulumi.mergeOptions(options, {
    dependsOn: [dependsOn ?? [], resources].flat() as pulumi.Resource[],
  });
}
