import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { nonEmptySchema } from "../../model/names.ts";
import type { Release } from "../../release.ts";
import { bytesSchema, hostSchema, labelSchema, pinnedImageSchema, processorSchema } from "./schemas.ts";

/** What {@link kubernetes} takes. */
export interface KubernetesArgs {
  /**
   * Namespace of the integration: an RFC 1123 label. In another namespace everything is made anew, and what the
   * stack has in the old one is deleted, volumes too: data of servers with `storage` does not move, so save it first.
   */
  namespace: string;
  /**
   * `create`: the namespace is the stack's own, with Pod Security `restricted` and a quota. `existing`: somebody else
   * made it and keeps it. Default: `create`.
   */
  namespacePolicy?: "create" | "existing";
  /** The framework's own image, in which gateway, bridges, probes and npm packages run: `npm run image` makes it. */
  image: {
    /** By digest: `registry.example.com/mcp-infra@sha256:…`. */
    reference: string;
    /** The npm packages that it has: `npm:@scope/name@1.2.3`. Default: none. */
    packages?: string[];
  };
  /** What was promoted to the stack, by `readRelease()`. Default: none, what is declared runs. */
  release?: Release | undefined;
  /**
   * Contents of a kubeconfig, such as another stack's output. Default: the file that the environment variable
   * `KUBECONFIG` names, else `~/.kube/config`.
   */
  kubeconfig?: pulumi.Input<string>;
  /** Context of the kubeconfig. Default: its current one. */
  context?: string;
  /** How callers outside the cluster reach the gateway. Default: not at all; the smoke test makes a port-forward. */
  expose?: {
    /** Host name of the endpoint; it is `https://<host>/mcp`. */
    host: string;
    /** Through the Gateway API; excludes `ingress`. */
    gatewayApi?: {
      /** Name of the `Gateway` that the route attaches to. */
      gateway: string;
      /** Its namespace. */
      namespace: string;
      /** Namespace of the pods that carry its traffic, which alone may call the gateway. Default: its own. */
      dataPlane?: string;
      /** Its listener. Default: those on port 443 that take the host. */
      sectionName?: string;
    };
    /** Through an Ingress; excludes `gatewayApi`. */
    ingress?: {
      /** The ingress class. */
      className: string;
      /** Namespace of the controller's pods, which alone may call the gateway. */
      namespace: string;
      /** Annotations for the controller. Default: those for streams and long calls of ingress-nginx. */
      annotations?: Record<string, string>;
    };
    /** The certificate: an issuer of cert-manager. Default: the Gateway's own listener, or the controller's default. */
    certificate?: {
      /** Name of the issuer. */
      issuer: string;
      /** Default: `ClusterIssuer`. */
      kind?: "ClusterIssuer" | "Issuer";
    };
  };
  /** The outside store of secrets, by External Secrets Operator. Default: none. */
  secretStore?: {
    name: string;
    /** Default: `ClusterSecretStore`. */
    kind?: "ClusterSecretStore" | "SecretStore";
  };
  /**
   * The volume of each server with `storage`. Another storage class is another volume, and a server that is removed, or
   * has `storage` no more, loses its own: data does not move, so save it first.
   */
  storage?: {
    /** Storage class. Default: the cluster's default class. */
    className?: string;
    /** Size, such as `"500Mi"`; a volume grows where its class allows it, and never shrinks. Default: `"1Gi"`. */
    size?: string;
  };
  /** Prometheus Operator. Default: what alerting makes carries no labels of its own. */
  monitoring?: {
    /**
     * Namespace of Prometheus, whose pods alone may read metrics. Default: pods of any namespace that are labelled
     * `app.kubernetes.io/name: prometheus`, as the operator does.
     */
    namespace?: string;
    /** Labels by which Prometheus and Alertmanager select what is made here. */
    labels?: Record<string, string>;
  };
  /** In amounts as Kubernetes writes them, `"500m"`, `"32Gi"`: most that all pods of the namespace together may claim. Default: `{ cpu: "16", memory: "32Gi", pods: 100 }`. */
  quota?: { cpu?: string; memory?: string; pods?: number };
  /** Namespaces whose pods may call the gateway from inside the cluster. Default: none. */
  callersFrom?: string[];
  /** Namespaces whose gateways may call the servers of this stack. Default: none. */
  offeredTo?: string[];
}

/** The plain arguments; the kubeconfig, which may be a run-time value, is read apart. */
export const kubernetesSchema = z.strictObject({
  namespace: labelSchema,
  namespacePolicy: z.enum(["create", "existing"]).default("create"),
  image: z.strictObject({
    reference: pinnedImageSchema,
    packages: z.array(nonEmptySchema).default([]),
  }),
  context: nonEmptySchema.optional(),
  expose: z
    .strictObject({
      host: hostSchema,
      gatewayApi: z
        .strictObject({
          gateway: labelSchema,
          namespace: labelSchema,
          dataPlane: labelSchema.optional(),
          sectionName: labelSchema.optional(),
        })
        .optional(),
      ingress: z
        .strictObject({
          className: nonEmptySchema,
          namespace: labelSchema,
          annotations: z.record(z.string(), z.string()).optional(),
        })
        .optional(),
      certificate: z
        .strictObject({
          issuer: nonEmptySchema,
          kind: z.enum(["ClusterIssuer", "Issuer"]).default("ClusterIssuer"),
        })
        .optional(),
    })
    .refine(
      ({ gatewayApi, ingress }) => (gatewayApi === undefined) !== (ingress === undefined),
      "say how: exactly one of gatewayApi and ingress",
    )
    .optional(),
  secretStore: z
    .strictObject({
      name: nonEmptySchema,
      kind: z.enum(["ClusterSecretStore", "SecretStore"]).default("ClusterSecretStore"),
    })
    .optional(),
  storage: z
    .strictObject({ className: nonEmptySchema.optional(), size: bytesSchema.default("1Gi") })
    .prefault({}),
  monitoring: z
    .strictObject({
      namespace: labelSchema.optional(),
      labels: z.record(z.string(), z.string()).default({}),
    })
    .prefault({}),
  quota: z
    .strictObject({
      cpu: processorSchema.default("16"),
      memory: bytesSchema.default("32Gi"),
      pods: z.int().min(1).default(100),
    })
    .prefault({}),
  callersFrom: z.array(labelSchema).default([]),
  offeredTo: z.array(labelSchema).default([]),
});

/** The target's settings, defaults filled in. */
export type KubernetesSettings = z.output<typeof kubernetesSchema>;
