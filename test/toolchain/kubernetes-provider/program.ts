import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** A resource that a test declares: the SDK's class, its arguments, and what it depends on and imports. */
export interface Declared {
  class: "Namespace" | "ConfigMap" | "Secret" | "Deployment" | "Service" | "Crd" | "Custom";
  args: Record<string, unknown>;
  after?: string[];
  import?: string;
  ignoreChanges?: string[];
}

const config = new pulumi.Config();
const declared = config.requireObject<Record<string, Declared>>("resources");
const provider = new kubernetes.Provider("cluster", {
  kubeconfig: config.require("kubeconfig"),
  namespace: config.get("namespace"),
});

type Constructor = new (
  name: string,
  args: Record<string, unknown>,
  options: pulumi.CustomResourceOptions,
) => pulumi.CustomResource & { metadata: pulumi.Output<{ name: string; namespace: string }> };

const classes = {
  Namespace: kubernetes.core.v1.Namespace,
  ConfigMap: kubernetes.core.v1.ConfigMap,
  Secret: kubernetes.core.v1.Secret,
  Deployment: kubernetes.apps.v1.Deployment,
  Service: kubernetes.core.v1.Service,
  Crd: kubernetes.apiextensions.v1.CustomResourceDefinition,
  Custom: kubernetes.apiextensions.CustomResource,
} as unknown as Record<Declared["class"], Constructor>;

const made: Record<string, InstanceType<Constructor>> = {};
for (const [name, { class: type, args, after = [], import: id, ignoreChanges }] of Object.entries(declared)) {
  const dependsOn = after.map((other) => made[other]).filter((other) => other !== undefined);
  made[name] = new classes[type](name, args, { provider, dependsOn, import: id, ignoreChanges });
}

/** The name of each as the cluster has it. */
export const names = Object.fromEntries(
  Object.entries(made).map(([name, { metadata }]) => [name, metadata.name]),
);
