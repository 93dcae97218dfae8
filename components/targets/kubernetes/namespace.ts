import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Declaration } from "../../declaration.ts";
import { Token } from "../local/resources.ts";
import type { KubernetesSettings } from "./args.ts";
import { hardLimits } from "./claims.ts";
import { partOf } from "./labels.ts";
import type { Make } from "./make.ts";
import { baseNetworkPolicies } from "./network.ts";
import { explainOwner, ownerOf } from "./owner.ts";
import { ownerAnnotation, stackAnnotation } from "./preflight/needs.ts";

/** This stack as others name it. */
export function stackName(): string {
  return [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
}

/**
 * What the stack has of the namespace: the namespace itself with Pod Security `restricted` and a quota, where it is the
 * stack's own, and in any case the policies that deny all traffic which nothing else allows. Everything else is made
 * after it, so that a stack which finds another's mark there has made nothing, and takes nothing away when it goes.
 */
export class Namespace extends pulumi.ComponentResource {
  /** The mark of this stack's state. */
  readonly owner: pulumi.Output<string>;

  constructor(
    resource: string,
    declaration: Declaration,
    make: Make,
    settings: KubernetesSettings,
    provider: pulumi.ProviderResource,
  ) {
    const { namespace: name, quota } = settings;
    super(
      "mcp-infra:kubernetes:Namespace",
      resource,
      { policy: settings.namespacePolicy },
      declaration.held(),
    );
    const own = settings.namespacePolicy === "create";
    this.owner = ownerOf(new Token(`${resource}-owner`, {}, declaration.held({ parent: this })).value);
    const marks = { [ownerAnnotation]: this.owner };
    const hooks = { onError: [explainOwner(`explain-owner-${resource}`, name, settings.namespacePolicy)] };
    const made = own
      ? make(k8s.core.v1.Namespace, resource, namespaceArgs(name, marks), { parent: this, provider, hooks })
      : undefined;
    const options = { parent: this, provider, ...(made && { dependsOn: made }) };
    if (own)
      make(
        k8s.core.v1.ResourceQuota,
        `${resource}-quota`,
        {
          metadata: { name: "mcp-infra", namespace: name, labels: partOf },
          spec: { hard: hardLimits(quota) },
        },
        options,
      );
    for (const [part, policy] of Object.entries(baseNetworkPolicies(settings, stackName())))
      make(
        k8s.networking.v1.NetworkPolicy,
        `${resource}-${part}`,
        // In somebody else's namespace these are what a stack makes first; another of its name would make the same.
        own ? policy : { ...policy, metadata: { ...policy.metadata, annotations: marks } },
        own ? options : { ...options, hooks },
      );
    this.registerOutputs({});
  }
}

function namespaceArgs(name: string, marks: Record<string, pulumi.Input<string>>): k8s.core.v1.NamespaceArgs {
  const level = "restricted";
  return {
    metadata: {
      name,
      labels: {
        ...partOf,
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/audit": level,
        "pod-security.kubernetes.io/warn": level,
      },
      annotations: { [stackAnnotation]: stackName(), ...marks },
    },
  };
}
