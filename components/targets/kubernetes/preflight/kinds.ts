import type { Finding } from "../../../rules/finding.ts";
import type { KubernetesSettings } from "../args.ts";
import { isMissing, known } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";
import type { Needs } from "./needs.ts";

interface Operator {
  name: string;
  /** The property of the declaration that asks for its kinds. */
  property: string;
  install: string;
}

/** Who brings which API group. */
const operators: Record<string, Operator> = {
  "monitoring.coreos.com": {
    name: "Prometheus Operator",
    property: "monitoring",
    install: "https://prometheus-operator.dev/docs/getting-started/installation/",
  },
  "gateway.networking.k8s.io": {
    name: "an implementation of the Gateway API",
    property: "expose.gatewayApi",
    install: "https://gateway-api.sigs.k8s.io/guides/",
  },
  "cert-manager.io": {
    name: "cert-manager",
    property: "expose.certificate",
    install: "https://cert-manager.io/docs/installation/",
  },
  "external-secrets.io": {
    name: "External Secrets Operator",
    property: "secretStore",
    install: "https://external-secrets.io/latest/introduction/getting-started/",
  },
};

/** The kinds that the settings refer to, beside those that will be made. */
export function referredKinds(settings: KubernetesSettings): Needs["kinds"] {
  const { expose, secretStore } = settings;
  return [
    ...(expose?.gatewayApi ? [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway" }] : []),
    ...(expose?.certificate ? [{ apiVersion: "cert-manager.io/v1", kind: expose.certificate.kind }] : []),
    ...(secretStore ? [{ apiVersion: "external-secrets.io/v1", kind: secretStore.kind }] : []),
  ];
}

/** That the cluster knows every kind: those of operators are there only when somebody installed these. */
export function judgeKinds(
  { resources, groups }: Pick<Facts, "resources" | "groups">,
  kinds: Needs["kinds"],
) {
  const missing = kinds.filter(({ apiVersion, kind }) => {
    const served = known(resources[apiVersion])?.resources;
    return served ? !served.some((each) => each.kind === kind) : isMissing(resources[apiVersion]);
  });
  const byVersion = Map.groupBy(missing, ({ apiVersion }) => apiVersion);
  return [...byVersion].map(([apiVersion, kinds]): Finding => {
    const group = apiVersion.split("/")[0] ?? "";
    const served = known(groups)?.groups.find(({ name }) => name === group);
    const others = served?.versions
      .map(({ version }) => version)
      .filter((each) => !apiVersion.endsWith(`/${each}`));
    const names = [...new Set(kinds.map(({ kind }) => kind))].join(", ");
    const has = others && others.length > 0 ? `; of ${group} it has ${others.join(", ")}` : "";
    const operator = operators[group];
    return finding(
      "cluster-kinds",
      operator?.property ?? "kubeconfig",
      `the cluster has no ${apiVersion} ${names}${has}`,
      operator
        ? `${served ? "Upgrade" : "Install"} ${operator.name}, with its CRDs: ${operator.install}`
        : "Choose a cluster that has it: enable the API, or upgrade.",
    );
  });
}
