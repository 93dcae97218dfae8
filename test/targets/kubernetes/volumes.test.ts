import { expect, test } from "vitest";
import { serverSchema } from "../../../components/model/index.ts";
import { kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import { serverWorkload } from "../../../components/targets/kubernetes/server-workload.ts";
import type { Cluster } from "../../../toolchain/kubernetes-provider/cluster.ts";
import { ApiError } from "../../../toolchain/kubernetes-provider/faults.ts";
import type { KubernetesObject } from "../../../toolchain/kubernetes-provider/objects.ts";
import { awaitReady } from "../../../toolchain/kubernetes-provider/waiting.ts";

test("a claim is not waited for: its volume may be made only for the pod that waits for it", () => {
  const image = `registry.example.com/a@sha256:${"0".repeat(64)}`;
  const settings = kubernetesSchema.parse({ namespace: "support", image: { reference: image } });
  const server = serverSchema.parse({ name: "notes", stdio: { image }, storage: true });
  const { claim } = serverWorkload(server, settings, { env: [], volumes: [], volumeMounts: [] });
  expect(claim?.metadata).toMatchObject({ annotations: { "pulumi.com/skipAwait": "true" } });
});

test.each([
  ["may not be read counts as one that waits for its first pod", 403, undefined],
  ["is not there is waited for", 404, "not ready after 1 s"],
])("a claim whose storage class %s", async (_, code, problem) => {
  const claim: KubernetesObject = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "notes", namespace: "support" },
    spec: { storageClassName: "fast" },
    status: { phase: "Pending" },
  };
  const cluster = {
    cancelled: new AbortController().signal,
    get: async ({ kind }: KubernetesObject) => {
      if (kind === "StorageClass") throw new ApiError(code, "", "no");
      return claim;
    },
    list: async () => [],
  } as unknown as Cluster;
  const outcome = await awaitReady(cluster, claim, { inputs: claim, timeout: 1, report: () => {} });
  expect(outcome.problem?.message).toEqual(
    problem === undefined ? undefined : expect.stringContaining(problem),
  );
});
