import path from "node:path";
import { table } from "../cli/table.ts";
import { checkout, freePorts, Project } from "../test/e2e/project.ts";
import { machine, median, seconds, succeeded } from "./measure.ts";

/**
 * How long `pulumi up` takes, and where the engine's own share ends: each round runs an empty program, the whole
 * integration unchanged, the same with policies, and the integration from nothing; so that a machine that slows
 * down slows all of them.
 */
const rounds = 5;
const policies = ["--policy-pack", path.join(checkout, "policies")];

await using empty = await Project.running("empty-program.ts");
await using whole = await Project.running("program.ts");
await whole.configure({ ports: await freePorts(2) });
await succeeded(empty.up());
await succeeded(whole.up());

const scenarios: Record<string, () => Promise<number>> = {
  "engine alone: an empty program": () => seconds(() => succeeded(empty.up())),
  "the integration, nothing to change": () => seconds(() => succeeded(whole.up())),
  "the same with policies": () => seconds(() => succeeded(whole.up(...policies))),
  "the integration from nothing, to a green smoke test": async () => {
    await succeeded(whole.pulumi("destroy", "--yes"));
    return seconds(() => succeeded(whole.up(...policies)));
  },
};
const measured = Object.fromEntries(Object.keys(scenarios).map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round += 1)
  for (const [name, run] of Object.entries(scenarios)) measured[name]?.push(await run());

const [alone = Number.NaN] = Object.values(measured).map(median);
const rows = Object.entries(measured).map(([name, values]) => [
  name,
  `${median(values).toFixed(1)} s`,
  `${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)} s`,
  `× ${(median(values) / alone).toFixed(1)}`,
]);
process.stdout.write(`${machine}\n\n${table(["pulumi up", "MEDIAN", "RANGE", "TO ENGINE"], rows)}\n`);
