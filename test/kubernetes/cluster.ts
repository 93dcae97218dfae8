import { AppsV1Api, CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import packages from "../../stacks/packages.json" with { type: "json" };
import { installCrds, openCluster } from "../../toolchain/cluster/index.mjs";
import { buildImage } from "../../toolchain/image/index.ts";

/** A cluster to test on, with the framework's image in it. */
export interface TestCluster {
  kubeConfig: KubeConfig;
  core: CoreV1Api;
  apps: AppsV1Api;
  image: { reference: string; packages: string[] };
  /** Makes another image known to all nodes. */
  loadImage(ociArchive: string, reference: string): Promise<void>;
}

/** The cluster of `KUBECONFIG`, or kind, or our own; Pulumi in this process's tests finds it too. */
export async function testCluster(): Promise<TestCluster> {
  const cluster = await openCluster();
  await installCrds(cluster.kubeconfig);
  const { reference, tar, packages: held } = await buildImage({ packages: Object.values(packages) });
  await cluster.loadImage(tar, reference);
  process.env.KUBECONFIG = cluster.kubeconfig;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(cluster.kubeconfig);
  return {
    kubeConfig,
    core: kubeConfig.makeApiClient(CoreV1Api),
    apps: kubeConfig.makeApiClient(AppsV1Api),
    image: { reference, packages: [...held] },
    loadImage: cluster.loadImage,
  };
}
