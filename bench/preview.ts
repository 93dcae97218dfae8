import path from "node:path";
import { table } from "../cli/table.ts";
import { checkout, Project } from "../test/e2e/project.ts";
import { installCrds, openApi } from "../toolchain/cluster/index.mjs";
import { machine, seconds, succeeded } from "./measure.ts";

/**
 * How long a first preview takes as servers become many: the engine with as many bare components of one child each,
 * without and with policies; this machine as the target, and a cluster (a real API server), both with policies.
 */
const counts = [10, 100, 1_000];
const policies = ["--policy-pack", path.join(checkout, "policies")];
const image = {
  reference: `bench@sha256:${"0".repeat(64)}`,
  packages: ["npm:@modelcontextprotocol/server-everything@2026.8.31"],
};

const onCluster = { namespace: "bench", image, quota: { cpu: "10000", memory: "10000Gi", pods: 10_000 } };

const api = await openApi();
await installCrds(api.kubeconfig);
process.env.KUBECONFIG = api.kubeconfig;
await using project = await Project.running(path.join("..", "..", "bench", "many-servers.ts"));
const preview = (count: number, where: unknown, ...args: string[]) =>
  // A value that is given so stays in the stack's configuration, so each run gives all of them.
  seconds(() =>
    succeeded(
      project.preview("--config", `count=${count}`, "--config", `where=${JSON.stringify(where)}`, ...args),
    ),
  );

const rows: string[][] = [];
for (const count of counts) {
  const bare = await preview(count, "bare");
  const policed = await preview(count, "bare", ...policies);
  const local = await preview(count, "local", ...policies);
  const cluster = await preview(count, onCluster, ...policies);
  const figure = (time: number) => `${time.toFixed(1)} s (× ${(time / bare).toFixed(2)})`;
  rows.push([String(count), `${bare.toFixed(1)} s`, figure(policed), figure(local), figure(cluster)]);
}
await api.stop();
process.stdout.write(
  `${machine}\n\n${table(["SERVERS, FIRST PREVIEW", "ENGINE ALONE", "WITH POLICIES", "THIS MACHINE", "KUBERNETES"], rows)}\n`,
);
