// @ts-check
import { loadIntoOwn, openOwnCluster, ownKubeconfig, stopOwnCluster } from "./own.mjs";

export { openApi } from "./api.mjs";
export async function openCluster() {
  const { running, started } = await openOwnCluster();
  return {
    kind: "own",
    kubeconfig: ownKubeconfig,
    started,
    nodes: running.nodes.map((n) => n.name),
    loadImage: loadIntoOwn,
    stop: stopOwnCluster,
  };
}
