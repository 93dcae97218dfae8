import { ApiException, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { until } from "../gateway/fixture.ts";
import type { TestCluster } from "./cluster.ts";

/** Empties a node of a namespace's pods as `kubectl drain` does: cordoned, then by eviction, which budgets may refuse. */
export async function drain({ core }: TestCluster, node: string, namespace: string): Promise<void> {
  await cordon(core, node, true);
  const { items } = await core.listNamespacedPod({ namespace, fieldSelector: `spec.nodeName=${node}` });
  await Promise.all(items.map(({ metadata }) => evict(core, metadata?.name ?? "", namespace)));
}

/** Lets pods on the node again. */
export async function uncordon({ core }: TestCluster, node: string): Promise<void> {
  await cordon(core, node, false);
}

async function cordon(core: TestCluster["core"], name: string, unschedulable: boolean): Promise<void> {
  const merge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  await core.patchNode({ name, body: { spec: { unschedulable } } }, merge);
}

/** Asks until the pod's disruption budget lets it go, and answers when it is gone. */
async function evict(core: TestCluster["core"], name: string, namespace: string): Promise<void> {
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  await until(async () => {
    await core.createNamespacedPodEviction({ name, namespace, body });
    return true;
  }, 120_000);
  await until(async () => {
    const gone = (error: unknown) => error instanceof ApiException && error.code === 404;
    return core.readNamespacedPod({ name, namespace }).then(() => false, gone);
  }, 120_000);
}
