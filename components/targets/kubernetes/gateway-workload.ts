import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { EVERY_ADDRESS } from "../../../gateway/http/listening.ts";
import { longestCallOf } from "../../model/index.ts";
import { gatewayConfig, mcpPath } from "../gateway-config.ts";
import type { GatewayRequest, SecretsByName } from "../target.ts";
import type { KubernetesSettings } from "./args.ts";
import { labels, selectorLabels, serviceHost } from "./labels.ts";
import { claims, lameDuck, podTemplate } from "./pod.ts";
import { probes } from "./probes.ts";
import type { SecretMounts } from "./secrets.ts";
import { claimOf, deadlineSeconds, oneAtATime, surge } from "./server-workload.ts";
import { smokeReportFile, smokeReportName } from "./smoke-report.ts";

const configPath = "/etc/mcp-infra";
const smokePath = "/var/run/mcp-infra";
/** Where the volume is of a gateway that keeps something. */
const dataPath = "/data";
/** Two, since one is none while a node is drained. */
const defaultReplicas = 2;
/** Longest time until a gateway reaches a server, in milliseconds. */
const gatewayStartMs = 60_000;
export const gatewayDeadlineSeconds = deadlineSeconds(gatewayStartMs);

/** What the gateway program is started with: its configuration, and what of it comes by the environment. */
export interface GatewayProgram {
  config: k8s.core.v1.ConfigMapArgs;
  env: k8s.types.input.core.v1.EnvVar[];
  secrets: SecretsByName;
}

/** The gateway's configuration as a ConfigMap. It is immutable and has no name: the provider gives it a new one for new contents, which rolls the gateway. */
export function gatewayProgram(request: GatewayRequest, settings: KubernetesSettings): GatewayProgram {
  const { config, env, secrets } = gatewayConfig(request, {
    listen: { host: EVERY_ADDRESS, port: portOf(request) },
    url: gatewayUrl(request, settings),
    data: dataPath,
    smokeReport: `${smokePath}/${smokeReportFile}`,
  });
  return {
    config: {
      metadata: { namespace: settings.namespace, labels: labels("gateway", request.name) },
      immutable: true,
      data: { "gateway.json": pulumi.jsonStringify(config) },
    },
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    secrets,
  };
}

/** The gateway as Kubernetes resources. Pure. */
export function gatewayWorkload(
  request: GatewayRequest,
  settings: KubernetesSettings,
  program: { configName: pulumi.Input<string>; env: GatewayProgram["env"]; secrets: SecretMounts },
  url: string | undefined,
): {
  deployment: k8s.apps.v1.DeploymentArgs;
  service: k8s.core.v1.ServiceArgs;
  claim?: k8s.core.v1.PersistentVolumeClaimArgs;
  disruptionBudget?: k8s.policy.v1.PodDisruptionBudgetArgs;
} {
  const { name } = request;
  const port = portOf(request);
  const replicas = replicasOf(request);
  const metadata = { name, namespace: settings.namespace, labels: labels("gateway", name) };
  const selector = { matchLabels: selectorLabels("gateway", name) };
  const drainMs = longestTimeout(request);
  const keeps = request.model.gateway?.userTokens !== undefined;
  return {
    deployment: {
      metadata,
      spec: {
        replicas,
        selector,
        // A volume is one pod's: the next one starts when the last has ended.
        strategy: keeps ? { type: "Recreate" } : surge,
        progressDeadlineSeconds: gatewayDeadlineSeconds,
        revisionHistoryLimit: 3,
        template: podTemplate({
          role: "gateway",
          name,
          drainMs,
          containers: [
            {
              name,
              image: settings.image.reference,
              args: ["serve", "--config", `${configPath}/gateway.json`, "--drain", String(drainMs)],
              env: [...program.env, ...program.secrets.env],
              ports: [{ name: "mcp", containerPort: port }],
              resources: claims({ cpu: "100m", memory: "256Mi" }),
              lifecycle: lameDuck,
              // A release that reaches no server never takes over. Later, a lost server is no reason to take the
              // gateway away from all who use the others.
              ...probes({
                port,
                paths: { startup: "/health", readiness: "/live", liveness: "/live" },
                startTimeoutMs: gatewayStartMs,
              }),
              volumeMounts: [
                { name: "config", mountPath: configPath, readOnly: true },
                { name: "smoke-report", mountPath: smokePath, readOnly: true },
                ...(keeps ? [{ name: "data", mountPath: dataPath }] : []),
                ...program.secrets.volumeMounts,
              ],
            },
          ],
          volumes: [
            { name: "config", configMap: { name: program.configName } },
            { name: "smoke-report", configMap: { name: smokeReportName(name), optional: true } },
            ...(keeps ? [{ name: "data", persistentVolumeClaim: { claimName: name } }] : []),
            ...program.secrets.volumes,
          ],
        }),
      },
    },
    service: {
      // What the command line finds a gateway by.
      metadata: { ...metadata, ...(url && { annotations: { "mcp-infra.dev/url": url } }) },
      spec: {
        selector: selector.matchLabels,
        ports: [{ name: "mcp", port, targetPort: "mcp", appProtocol: "http" }],
      },
    },
    ...(keeps && { claim: claimOf(metadata, settings) }),
    ...(replicas > 1 && { disruptionBudget: { metadata, spec: oneAtATime(selector) } }),
  };
}

/** Where callers reach a gateway: from outside where the target exposes it, else inside the cluster. */
export function gatewayUrl(request: GatewayRequest, { expose, namespace }: KubernetesSettings): string {
  return expose
    ? `https://${expose.host}${mcpPath}`
    : `http://${serviceHost(request.name, namespace)}:${portOf(request)}${mcpPath}`;
}

/** How many pods of the gateway there are: of one that keeps users' tokens one, whose volume it is. */
export function replicasOf({ model: { gateway } }: Pick<GatewayRequest, "model">): number {
  return gateway?.replicas ?? (gateway?.userTokens ? 1 : defaultReplicas);
}

function portOf({ name, model }: GatewayRequest): number {
  if (!model.gateway) throw new TypeError(`gateway ${name} has no model`);
  return model.gateway.listen.port;
}

/** The longest that a call may be under way, in milliseconds. */
function longestTimeout({ model }: GatewayRequest): number {
  return Math.max(10_000, ...model.servers.map((server) => longestCallOf(server, model) ?? 60_000));
}
