import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { SecretStoreModel } from "../../model/index.ts";
import type { SecretsByName } from "../target.ts";
import type { KubernetesSettings } from "./args.ts";
import type { Make } from "./make.ts";

type ExternalReference = SecretStoreModel["external"][string];

/** Where a workload finds one of its secrets in the cluster. */
export interface SecretKey {
  /** Name of the Kubernetes Secret. */
  name: pulumi.Input<string>;
  /** Its key there. */
  key: string;
}

/** What a pod's specification needs for its secrets. */
export interface SecretMounts {
  env: k8s.types.input.core.v1.EnvVar[];
  volumes: k8s.types.input.core.v1.Volume[];
  volumeMounts: k8s.types.input.core.v1.VolumeMount[];
}

/** Directory of the secrets that a workload reads as files. */
export const secretsDirectory = "/run/secrets/mcp";

const volumeName = "mcp-secrets";

/**
 * Hands a workload its secrets: as environment variables, and those that are files below {@link secretsDirectory},
 * with the path in the variable. A key of the Secret is the variable's name, which says nothing of the store.
 */
export function mountSecrets(
  make: Make,
  name: string,
  secrets: SecretsByName,
  settings: KubernetesSettings,
  options: pulumi.CustomResourceOptions,
): SecretMounts {
  const keys = Object.entries(secretKeys(make, name, secrets, settings, options));
  const isFile = (variable: string) => secrets[variable]?.file === true;
  const files = keys.filter(([variable]) => isFile(variable));
  const env = keys.map(([variable, { name: secretName, key }]) =>
    isFile(variable)
      ? { name: variable, value: `${secretsDirectory}/${variable}` }
      : { name: variable, valueFrom: { secretKeyRef: { name: secretName, key } } },
  );
  if (files.length === 0) return { env, volumes: [], volumeMounts: [] };
  // One directory for what two Secrets hold. No subPath: a file would not follow a rotation by the outside store.
  const sources = files.map(([variable, { name: secretName, key }]) => ({
    secret: { name: secretName, items: [{ key, path: variable }] },
  }));
  return {
    env,
    volumes: [{ name: volumeName, projected: { defaultMode: 0o440, sources } }],
    volumeMounts: [{ name: volumeName, mountPath: secretsDirectory, readOnly: true }],
  };
}

/**
 * Puts the secrets that one workload uses where it finds them, and answers with the place of each. A workload has a
 * Secret of its own with exactly what it uses: nothing that can read it learns more.
 *
 * Values of this stack go into an immutable Secret without a name: Pulumi gives it one, and with new content another,
 * made before the old one goes. So a rotation rolls this workload and no other, a rollback finds the old value, and no
 * hash of a secret, which may be a weak one, stands in a name that many can read.
 *
 * Secrets of an outside store are fetched by External Secrets Operator. The digest of *what* is fetched, in which no
 * value is, stands in the name: a new version is a new Secret, as above.
 */
export function secretKeys(
  make: Make,
  name: string,
  secrets: SecretsByName,
  settings: KubernetesSettings,
  options: pulumi.CustomResourceOptions,
): Record<string, SecretKey> {
  const values: Record<string, pulumi.Output<string>> = {};
  const external: Record<string, ExternalReference> = {};
  for (const [variable, { key, from, value }] of Object.entries(secrets)) {
    const reference = from.external[key];
    if (reference) external[variable] = reference;
    else values[variable] = value;
  }
  const { namespace } = settings;
  const keys: Record<string, SecretKey> = {};
  if (Object.keys(values).length > 0) {
    const secret = make(
      k8s.core.v1.Secret,
      `${name}-secrets`,
      {
        metadata: { namespace, labels: labelsOf(name) },
        type: "Opaque",
        immutable: true,
        stringData: values,
      },
      options,
    );
    for (const variable of Object.keys(values))
      keys[variable] = { name: secret.metadata.name, key: variable };
  }
  if (Object.keys(external).length > 0) {
    const manifest = externalSecret(name, external, settings);
    make(k8s.apiextensions.CustomResource, `${name}-external-secrets`, manifest, options);
    for (const variable of Object.keys(external))
      keys[variable] = { name: manifest.spec.target.name, key: variable };
  }
  return keys;
}

/** What External Secrets Operator is asked for. Pure. */
export function externalSecret(
  name: string,
  external: Record<string, ExternalReference>,
  { namespace, secretStore }: Pick<KubernetesSettings, "namespace" | "secretStore">,
) {
  const pinned = Object.values(external).every(({ version }) => version !== undefined);
  const wanted = {
    // Without a store the declaration is refused (kubernetes-secret-store), and none of this is registered.
    secretStoreRef: { name: secretStore?.name ?? "", kind: secretStore?.kind ?? "ClusterSecretStore" },
    data: Object.entries(external)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([secretKey, { key, property, version }]) => ({
        secretKey,
        remoteRef: { key, ...(property && { property }), ...(version && { version }) },
      })),
  };
  const digest = createHash("sha256").update(JSON.stringify(wanted)).digest("hex").slice(0, 8);
  const made = `${name}-external-${digest}`;
  return {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    metadata: {
      // As its Secret: with `refreshInterval: "0"` the operator leaves a Secret as it is when the request for it changes.
      name: made,
      namespace,
      labels: labelsOf(name),
      // A secret that the store doesn't have shows here, with the reason, rather than as a pod that never starts.
      annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "120" },
    },
    spec: {
      ...wanted,
      refreshInterval: pinned ? "0" : "1h",
      target: {
        name: made,
        creationPolicy: "Owner",
        deletionPolicy: "Delete",
        // What is pinned never changes; what isn't has to be let change.
        ...(pinned && { immutable: true }),
      },
    },
  };
}

function labelsOf(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "mcp-infra" };
}
