import type {
  V1APIGroupList,
  V1APIResourceList,
  V1DeploymentList,
  V1IngressClassList,
  V1Namespace,
  V1PersistentVolumeClaimList,
  V1PodList,
  V1ResourceQuotaList,
  V1ServiceList,
  V1StorageClassList,
  V1SubjectRulesReviewStatus,
  VersionInfo,
} from "@kubernetes/client-node";
import type { ClusterApi } from "../api.ts";
import type { KubernetesSettings } from "../args.ts";
import { type Answer, answerOf } from "../cluster-fault.ts";
import { referredKinds } from "./kinds.ts";
import type { Needs } from "./needs.ts";
import { type CustomObject, type Reference, referencesOf } from "./references.ts";
import { namespaceVerbs } from "./rights.ts";

/** What a cluster said of itself, each answer apart: some may be refused while others are given. */
export interface Facts {
  version: Answer<VersionInfo>;
  /** The name by which the cluster knows who asks. */
  user: Answer<string>;
  groups: Answer<V1APIGroupList>;
  /** What there is of each group's version, by its `apiVersion`. */
  resources: Record<string, Answer<V1APIResourceList>>;
  rules: Answer<V1SubjectRulesReviewStatus>;
  /** Which verbs on the namespace itself are allowed. */
  namespaceVerbs: Record<string, Answer<boolean>>;
  namespace: Answer<V1Namespace>;
  quotas?: Answer<V1ResourceQuotaList>;
  /** The pods of this framework in the namespace. */
  pods?: Answer<V1PodList>;
  /** Its Deployments, Services and claims for volumes, anybody's. */
  deployments?: Answer<V1DeploymentList>;
  services?: Answer<V1ServiceList>;
  volumes?: Answer<V1PersistentVolumeClaimList>;
  ingressClasses?: Answer<V1IngressClassList>;
  storageClasses?: Answer<V1StorageClassList>;
  /** What the settings refer to, each beside its answer. */
  references: { reference: Reference; found: Answer<CustomObject> }[];
}

const ours = "app.kubernetes.io/part-of=mcp-infra";

/** Asks for all of it in one round. */
export async function askFacts(
  { core, apps, authentication, authorization, networking, storage, version, custom, groups }: ClusterApi,
  settings: KubernetesSettings,
  needs: Needs,
): Promise<Facts> {
  const { namespace } = settings;
  const own = settings.namespacePolicy === "create";
  const may = (verb: string) =>
    authorization
      .createSelfSubjectAccessReview({
        body: { spec: { resourceAttributes: { verb, resource: "namespaces", namespace, name: namespace } } },
      })
      .then(({ status }) => status?.allowed ?? false);
  const apiVersions = [
    ...new Set([...needs.kinds, ...referredKinds(settings)].map(({ apiVersion }) => apiVersion)),
  ];
  const claims = needs.kinds.some(({ kind }) => kind === "PersistentVolumeClaim");
  return all({
    version: answerOf(version.getCode()),
    user: answerOf(
      authentication
        .createSelfSubjectReview({ body: {} })
        .then(({ status }) => status?.userInfo?.username ?? ""),
    ),
    groups: answerOf(groups.getAPIVersions()),
    resources: each(apiVersions, (apiVersion) => {
      const [group = "", version] = apiVersion.split("/");
      return answerOf(
        version === undefined ? core.getAPIResources() : custom.getAPIResources({ group, version }),
      );
    }),
    rules: answerOf(
      authorization
        .createSelfSubjectRulesReview({ body: { spec: { namespace } } })
        .then(({ status }) => status ?? { incomplete: true, nonResourceRules: [], resourceRules: [] }),
    ),
    namespaceVerbs: each(own ? namespaceVerbs : [], (verb) => answerOf(may(verb))),
    namespace: answerOf(core.readNamespace({ name: namespace })),
    ...(!own && {
      quotas: answerOf(core.listNamespacedResourceQuota({ namespace })),
      pods: answerOf(core.listNamespacedPod({ namespace, labelSelector: ours })),
      deployments: answerOf(apps.listNamespacedDeployment({ namespace })),
      services: answerOf(core.listNamespacedService({ namespace })),
      ...(claims && { volumes: answerOf(core.listNamespacedPersistentVolumeClaim({ namespace })) }),
    }),
    ...(settings.expose?.ingress && { ingressClasses: answerOf(networking.listIngressClass()) }),
    ...(claims && { storageClasses: answerOf(storage.listStorageClass()) }),
    references: Promise.all(
      referencesOf(settings).map(async (reference) => ({
        reference,
        found: await answerOf<CustomObject>(
          reference.namespace === undefined
            ? custom.getClusterCustomObject(reference)
            : custom.getNamespacedCustomObject({ ...reference, namespace: reference.namespace }),
        ),
      })),
    ),
  });
}

async function each<T>(
  keys: readonly string[],
  ask: (key: string) => Promise<T>,
): Promise<Record<string, T>> {
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await ask(key)] as const)));
}

async function all<T extends object>(asked: { [Key in keyof T]: Promise<T[Key]> }): Promise<T> {
  const answers = Object.entries(asked).map(async ([key, answer]) => [key, await answer]);
  return Object.fromEntries(await Promise.all(answers));
}
