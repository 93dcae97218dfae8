import path from "node:path";
import { table } from "../cli/table.ts";
import { checkout, Project } from "../test/e2e/project.ts";
import { openApi } from "../toolchain/cluster/index.mjs";
import { machine, seconds, succeeded } from "./measure.ts";

/**
 * How long a first preview takes as servers become many: the engine with as many bare components of one child each,
 * this machine as the target, and a cluster (a real API server), both with policies.
 */
const counts = [10, 100, 1_000];
const policies = ["--policy-pack", path.join(checkout, "policies")];
const image = {
  reference: `bench@sha256:${"0".repeat(64)}`,
  packages: ["npm:@modelcontextprotocol/server-everything@2026.8.31"],
};

const api = await openApi();
process.env.KUBECONFIG = api.kubeconfig;
await using project = await Project.running(path.join("..", "..", "bench", "many-servers.ts"));
const preview = async (count: number, config: Record<string, unknown>, ...args: string[]) => {
  const given = Object.entries({ count, ...config }).flatMap(([key, value]) => [
    "--config",
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  ]);
  return seconds(() => succeeded(project.preview(...given, ...args)));
};

const rows: string[][] = [];
for (const count of counts) {
  const bare = await preview(count, { bare: true });
  const local = await preview(count, {}, ...policies);
  const cluster = await preview(count, { kubernetes: { namespace: "bench", image } }, ...policies);
  const figure = (time: number) => `${time.toFixed(1)} s (× ${(time / bare).toFixed(2)})`;
  rows.push([String(count), `${bare.toFixed(1)} s`, figure(local), figure(cluster)]);
}
await api.stop();
process.stdout.write(
  `${machine}\n\n${table(["SERVERS, FIRST PREVIEW", "ENGINE ALONE", "THIS MACHINE", "KUBERNETES"], rows)}\n`,
);
