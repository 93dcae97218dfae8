// @ts-check
import { Refusal, say } from "../checkout.mjs";
import { closeCluster, describeCluster, installCrds, openCluster } from "./index.mjs";

/** @type {Record<string, () => Promise<void>>} */
const verbs = {
  up: async () => {
    const started = Date.now();
    const cluster = await openCluster();
    if (cluster.kind === "given") {
      await verbs.status?.();
      return say("Nothing was started or installed: a cluster of yours stays as it is.");
    }
    await installCrds(cluster.kubeconfig);
    const seconds = Math.round((Date.now() - started) / 1000);
    say(cluster.started ? `Started in ${seconds} s.` : "It was running.");
    show(cluster);
  },
  down: async () => say((await closeCluster()) ? "The cluster is gone." : "No cluster of ours is running."),
  status: async () => {
    const cluster = await describeCluster();
    if (cluster) show(cluster);
    else say("No cluster is running. Start one with: npm run cluster");
  },
};

/** @type {Record<string, string>} */
const kinds = {
  given: "the one that KUBECONFIG names",
  kind: "kind, in Docker",
  own: "our own, on this machine",
};

/** @param {{ kind: string, kubeconfig: string, nodes: string[] | undefined }} cluster */
function show({ kind, kubeconfig, nodes }) {
  say(`Cluster: ${kinds[kind]}`);
  say(`Nodes:   ${nodes?.join(", ") ?? "not shown: these credentials have no right to list them"}`);
  say(`Use it:  export KUBECONFIG=${kubeconfig}`);
  if (kind !== "given") say("End it:  npm run cluster -- down");
}

const verb = process.argv[2] ?? "up";
try {
  const action = verbs[verb];
  if (!action) throw new Refusal(`npm run cluster -- ${Object.keys(verbs).join(" | ")}; not "${verb}".`);
  await action();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  say(error.message);
  process.exitCode = 1;
}
