import type { V1ResourceRule } from "@kubernetes/client-node";
import { Document, isScalar, visit } from "yaml";
import type { Finding } from "../../../rules/finding.ts";
import type { KubernetesSettings } from "../args.ts";
import { known } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";
import type { Needs } from "./needs.ts";

/** One thing to be allowed. */
export interface Right {
  verb: string;
  /** API group; empty for the core's. */
  group: string;
  /** Plural name, with a subresource behind a slash. */
  resource: string;
  /** Whether it is asked of the cluster rather than of the namespace. */
  clusterWide?: boolean;
}

/** Verbs on the namespace itself that its making takes. */
export const namespaceVerbs: readonly string[] = ["get", "create", "patch", "delete"];

const made = ["get", "create", "patch", "delete"];
const watched = ["list", "watch"];

/** What is watched until a workload is ready. */
const awaited: Record<string, string[]> = {
  "": ["pods", "services", "events", "persistentvolumeclaims"],
  apps: ["deployments", "replicasets"],
  "discovery.k8s.io": ["endpointslices"],
};

/** For the reason of a failure, and for a smoke test through a port-forward: what else is done goes on without. */
const helpful: Right[] = [
  { verb: "get", group: "", resource: "pods/log" },
  { verb: "get", group: "", resource: "pods/portforward" },
  { verb: "create", group: "", resource: "pods/portforward" },
];

/** The rights that the making of the kinds takes, in the namespace; kinds that the cluster doesn't know are left out. */
export function rightsFor(kinds: Needs["kinds"], resources: Facts["resources"]): Right[] {
  const making = kinds.flatMap(({ apiVersion, kind }) => {
    const [group, version] = apiVersion.split("/");
    const served = known(resources[apiVersion])?.resources.find(
      (each) => each.kind === kind && !each.name.includes("/"),
    );
    if (!served?.namespaced) return [];
    return made.map((verb) => ({ verb, group: version ? (group ?? "") : "", resource: served.name }));
  });
  const watching = Object.entries(awaited).flatMap(([group, names]) =>
    names.flatMap((resource) => watched.map((verb) => ({ verb, group, resource }))),
  );
  return [...making, ...watching];
}

/** The rights that the rules don't give. A rule for certain names counts as one for all: which it is, shows later. */
export function lacking(rights: readonly Right[], rules: readonly V1ResourceRule[]): Right[] {
  return rights.filter(({ verb, group, resource }) => {
    const [, subresource] = resource.split("/");
    const among = (values: string[] | undefined, ...wanted: string[]) =>
      values?.some((value) => value === "*" || wanted.includes(value)) ?? false;
    return !rules.some(
      ({ verbs, apiGroups, resources }) =>
        among(verbs, verb) &&
        among(apiGroups, group) &&
        among(resources, resource, ...(subresource ? [`*/${subresource}`] : [])),
    );
  });
}

/** The rights to ask for one by one, since the cluster could not list all that are given. */
export function unsure({ rules, resources }: Facts, kinds: Needs["kinds"]): Right[] {
  const given = known(rules);
  return given?.incomplete ? lacking([...rightsFor(kinds, resources), ...helpful], given.resourceRules) : [];
}

/** That who asks may do what has to be done. `granted` are those that were asked for one by one. */
export function judgeRights(
  facts: Facts,
  settings: Pick<KubernetesSettings, "namespace" | "namespacePolicy" | "expose">,
  kinds: Needs["kinds"],
  granted: readonly Right[] = [],
): Finding[] {
  const rules = known(facts.rules)?.resourceRules;
  if (!rules) return [];
  const isGranted = (right: Right) => granted.some((each) => text(each) === text(right));
  const onNamespace = Object.entries(facts.namespaceVerbs).flatMap(([verb, allowed]) =>
    known(allowed) === false ? [{ verb, group: "", resource: "namespaces", clusterWide: true }] : [],
  );
  const missing = lacking(rightsFor(kinds, facts.resources), rules).filter((right) => !isGranted(right));
  const wished = settings.expose ? helpful.slice(0, 1) : helpful;
  const missed = lacking(wished, rules).filter((right) => !isGranted(right));
  const user = known(facts.user) || "who asks";
  const needed = [...onNamespace, ...missing];
  if (needed.length > 0) return [refused(user, settings.namespace, [...needed, ...missed], "error")];
  return missed.length > 0 ? [refused(user, settings.namespace, missed, "warning")] : [];
}

const text = ({ verb, group, resource }: Right) => `${verb} ${resource}.${group}`;

function refused(user: string, namespace: string, rights: Right[], severity: Finding["severity"]): Finding {
  const wide = rights.filter(({ clusterWide }) => clusterWide);
  const narrow = rights.filter(({ clusterWide }) => !clusterWide);
  const said = [...grouped(wide), ...grouped(narrow)].map(
    ({ verbs, groups, resources }) =>
      `${verbs.join(", ")} ${resources.map((name) => qualified(name, groups)).join(", ")}`,
  );
  return finding(
    "cluster-rights",
    "kubeconfig",
    `${user} lacks rights for namespace "${namespace}": ${said.join("; ")}`,
    `Have a cluster's administrator grant it, for example so:\n${indent(manifests(user, namespace, { wide, narrow }))}`,
    severity,
  );
}

const qualified = (name: string, groups: string[]) => (groups[0] ? `${name}.${groups[0]}` : name);

/** Rights as rules: resources of one group that lack the same verbs stand together. */
function grouped(rights: readonly Right[]): { verbs: string[]; groups: string[]; resources: string[] }[] {
  const byResource = Map.groupBy(rights, ({ group, resource }) => `${group}\n${resource}`);
  const perResource = [...byResource.values()].map((same) => ({
    verbs: [...new Set(same.map(({ verb }) => verb))],
    group: same[0]?.group ?? "",
    resource: same[0]?.resource ?? "",
  }));
  const byRule = Map.groupBy(perResource, ({ verbs, group }) => `${group}\n${verbs.join()}`);
  return [...byRule.values()].map((same) => ({
    verbs: same[0]?.verbs ?? [],
    groups: [same[0]?.group ?? ""],
    resources: same.map(({ resource }) => resource),
  }));
}

function manifests(user: string, namespace: string, rights: Record<"wide" | "narrow", Right[]>): string {
  const { wide, narrow } = rights;
  const documents = [
    ...(narrow.length > 0 ? roleAndBinding("Role", user, narrow, namespace) : []),
    ...(wide.length > 0 ? roleAndBinding("ClusterRole", user, wide) : []),
  ];
  return documents.map(compact).join("---\n");
}

/** Lists of words on one line each: what is to be read stands on one page. */
function compact(manifest: object): string {
  const document = new Document(manifest);
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every((item) => isScalar(item));
    },
  });
  return document.toString({ flowCollectionPadding: false, lineWidth: 0 });
}

function roleAndBinding(
  kind: "Role" | "ClusterRole",
  user: string,
  rights: Right[],
  namespace?: string,
): object[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const metadata = { name: "mcp-infra", ...(namespace && { namespace }) };
  const rules = grouped(rights).map(({ groups, resources, verbs }) => ({
    apiGroups: groups,
    resources,
    verbs,
  }));
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind, name: "mcp-infra" };
  return [
    { apiVersion, kind, metadata, rules },
    { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects: [subject(user)] },
  ];
}

function subject(user: string): object {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return name
    ? { kind: "ServiceAccount", name, namespace }
    : { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: user };
}

const indent = (lines: string) => lines.trimEnd().replaceAll(/^/gm, "      ");
