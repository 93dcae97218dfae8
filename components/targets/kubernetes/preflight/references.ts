import type { Finding } from "../../../rules/finding.ts";
import type { KubernetesSettings } from "../args.ts";
import { isMissing, known } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";

/** Something of the cluster that the settings name. */
export interface Reference {
  group: string;
  version: string;
  plural: string;
  kind: string;
  name: string;
  /** Absent for what stands in no namespace. */
  namespace?: string;
  /** The property that names it. */
  property: string;
}

/** The parts of a custom object that are read here. */
export interface CustomObject {
  spec?: { listeners?: Listener[] };
  status?: { conditions?: { type: string; status: string; reason?: string; message?: string }[] };
}

interface Listener {
  name: string;
  hostname?: string;
  allowedRoutes?: { namespaces?: { from?: string } };
}

/** What the settings refer to, of the kinds that operators bring. */
export function referencesOf({ namespace, secretStore, expose }: KubernetesSettings): Reference[] {
  const stores = secretStore && {
    group: "external-secrets.io",
    version: "v1",
    plural: secretStore.kind === "SecretStore" ? "secretstores" : "clustersecretstores",
    ...secretStore,
    ...(secretStore.kind === "SecretStore" && { namespace }),
    property: "secretStore",
  };
  const gateway = expose?.gatewayApi && {
    group: "gateway.networking.k8s.io",
    version: "v1",
    plural: "gateways",
    kind: "Gateway",
    name: expose.gatewayApi.gateway,
    namespace: expose.gatewayApi.namespace,
    property: "expose.gatewayApi",
  };
  const issuer = expose?.certificate && {
    group: "cert-manager.io",
    version: "v1",
    plural: expose.certificate.kind === "Issuer" ? "issuers" : "clusterissuers",
    kind: expose.certificate.kind,
    name: expose.certificate.issuer,
    // An HTTPRoute's certificate is the Gateway's.
    ...(expose.certificate.kind === "Issuer" && { namespace }),
    property: "expose.certificate",
  };
  return [stores, gateway, issuer].filter((reference) => reference !== undefined);
}

/** That what the settings name is there and does its work. */
export function judgeReferences(
  facts: Pick<Facts, "references" | "resources" | "ingressClasses" | "storageClasses">,
  settings: KubernetesSettings,
): Finding[] {
  // Where its kind is missing, that is said, and there can be none of it.
  const there = facts.references.filter(
    ({ reference }) => !isMissing(facts.resources[`${reference.group}/${reference.version}`]),
  );
  return [
    ...there.flatMap(({ reference, found }) =>
      isMissing(found) ? [missing(reference)] : judgeObject(reference, known(found), settings),
    ),
    ...judgeIngressClass(facts, settings),
    ...judgeStorageClass(facts, settings),
  ];
}

function missing({ kind, name, namespace, property }: Reference): Finding {
  const where = namespace === undefined ? "in the cluster" : `in namespace "${namespace}"`;
  return finding(
    "cluster-references",
    property,
    `there is no ${kind} "${name}" ${where}`,
    `See which there are: kubectl get ${kind.toLowerCase()}${namespace === undefined ? "" : ` -n ${namespace}`}`,
  );
}

function judgeObject(
  reference: Reference,
  object: CustomObject | undefined,
  settings: KubernetesSettings,
): Finding[] {
  if (!object) return [];
  if (reference.kind === "Gateway") return judgeListeners(reference, object, settings);
  const ready = object.status?.conditions?.find(({ type }) => type === "Ready");
  if (!ready || ready.status === "True") return [];
  const { kind, name, namespace, property } = reference;
  return [
    finding(
      "cluster-references",
      property,
      `the ${kind} "${name}" is not ready: ${ready.message || ready.reason || "it does not say why"}`,
      `Mend it first: kubectl describe ${kind.toLowerCase()} ${name}${namespace === undefined ? "" : ` -n ${namespace}`}`,
    ),
  ];
}

function judgeListeners(
  { name, namespace: home, property }: Reference,
  { spec }: CustomObject,
  { namespace, expose }: KubernetesSettings,
): Finding[] {
  const sectionName = expose?.gatewayApi?.sectionName;
  const listeners = spec?.listeners ?? [];
  const chosen = sectionName ? listeners.filter((each) => each.name === sectionName) : listeners;
  if (sectionName && chosen.length === 0) {
    const names = listeners.map((listener) => listener.name).join(", ") || "none";
    return [
      finding(
        "cluster-references",
        `${property}.sectionName`,
        `the Gateway "${name}" has no listener "${sectionName}"; there is ${names}`,
        "Name one of its listeners, or none to take any that fits the host.",
      ),
    ];
  }
  const host = expose?.host ?? "";
  const fitting = chosen.filter(({ hostname }) => !hostname || matches(hostname, host));
  if (chosen.length > 0 && fitting.length === 0)
    return [
      finding(
        "cluster-references",
        "expose.host",
        `no listener of the Gateway "${name}" takes the host ${host}; they take ${chosen.map(({ hostname }) => hostname).join(", ")}`,
        "Choose a host that fits, or add a listener to the Gateway.",
      ),
    ];
  // `Same` is what a listener says when it says nothing.
  const closed = fitting.every(({ allowedRoutes }) => (allowedRoutes?.namespaces?.from ?? "Same") === "Same");
  if (fitting.length === 0 || !closed || home === namespace) return [];
  return [
    finding(
      "cluster-references",
      property,
      `the Gateway "${name}" takes routes from its own namespace "${home}" only`,
      `Let its listener take routes from "${namespace}": allowedRoutes.namespaces.from, All or Selector.`,
    ),
  ];
}

/** `*.example.com` stands for any number of labels in front. */
function matches(hostname: string, host: string): boolean {
  return hostname.startsWith("*.") ? host.endsWith(hostname.slice(1)) : hostname === host;
}

function judgeIngressClass(
  { ingressClasses }: Pick<Facts, "ingressClasses">,
  { expose }: KubernetesSettings,
): Finding[] {
  const wanted = expose?.ingress?.className;
  const names = known(ingressClasses)?.items.map(({ metadata }) => metadata?.name ?? "");
  if (wanted === undefined || !names || names.includes(wanted)) return [];
  return [
    finding(
      "cluster-references",
      "expose.ingress.className",
      `there is no ingress class "${wanted}"; there is ${names.join(", ") || "none: no ingress controller is installed"}`,
      "Name one that there is, or install its controller.",
    ),
  ];
}

const isDefault = "storageclass.kubernetes.io/is-default-class";

function judgeStorageClass(
  { storageClasses }: Pick<Facts, "storageClasses">,
  { storage: { className } }: KubernetesSettings,
): Finding[] {
  const classes = known(storageClasses)?.items;
  if (!classes) return [];
  const names = classes.map(({ metadata }) => metadata?.name ?? "");
  const there = names.join(", ") || "none";
  const remediation = "Name one that there is as the target's storage.className.";
  if (className !== undefined)
    return names.includes(className)
      ? []
      : [
          finding(
            "cluster-references",
            "storage.className",
            `there is no storage class "${className}"; there is ${there}`,
            remediation,
          ),
        ];
  if (classes.some(({ metadata }) => metadata?.annotations?.[isDefault] === "true")) return [];
  return [
    finding(
      "cluster-references",
      "storage.className",
      `servers have storage and the cluster has no default storage class; there is ${there}`,
      remediation,
    ),
  ];
}
