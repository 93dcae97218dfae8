import { table } from "../cli/table.ts";
import { Project } from "../test/e2e/project.ts";
import { testCluster } from "../test/kubernetes/cluster.ts";
import endWhatWasStarted from "../test/kubernetes/global-setup.ts";
import { startLoad } from "../test/kubernetes/load.ts";
import { machine, seconds, succeeded } from "./measure.ts";

/** On a cluster: how long from nothing to a green smoke test, and what releases cost those who call meanwhile. */
const namespace = "bench";
const end = await endWhatWasStarted();
const rows = await measure();
await end?.();
process.stdout.write(`${machine}\n\n${table(["ON A CLUSTER", "TOOK", "CALLS LOST", "SLOWEST"], rows)}\n`);

async function measure(): Promise<string[][]> {
  const cluster = await testCluster();
  await using project = await Project.running("program.ts");
  await project.configure({
    ports: [7400, 3001],
    kubernetes: { namespace, image: cluster.image, callersFrom: ["default"] },
  });
  const up = (variation: string) =>
    seconds(() => succeeded(project.up("--config", `variation=${variation}`)));

  const rows = [["from nothing to a green smoke test", `${(await up("none")).toFixed(1)} s`, "", ""]];
  rows.push(["unchanged", `${(await up("none")).toFixed(1)} s`, "", ""]);
  const { endpoint, tokens } = (await project.outputs()) as { endpoint: string; tokens: { reader: string } };
  for (const [release, variation] of [
    ["a new release of the gateway, 2 replicas", "gateway-changed"],
    ["a new release of a server, 1 replica", "utilities-changed"],
  ] as const) {
    await using load = await startLoad({
      kubeConfig: cluster.kubeConfig,
      namespace: "default",
      image: cluster.image.reference,
      endpoint,
      token: tokens.reader,
      tool: "utilities__get-sum",
      arguments: { a: 1, b: 2 },
      expected: "3",
    });
    const took = await up(variation);
    const { calls, failed, worstMs } = await load.stop();
    rows.push([release, `${took.toFixed(1)} s`, `${failed} of ${calls}`, `${worstMs} ms`]);
  }
  return rows;
}
