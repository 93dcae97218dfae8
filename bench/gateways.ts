import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { durationSchema } from "../components/model/duration.ts";
import { compare } from "./gateways/compare.ts";
import { type Contender, direct, gateway, pipe, startPeers } from "./gateways/contenders.ts";
import { startGenerator } from "./gateways/generator.ts";
import { lists } from "./gateways/lists.ts";
import { report } from "./gateways/report.ts";
import { soak } from "./gateways/soak.ts";
import { machine } from "./measure.ts";

/**
 * What a gateway costs: the server called directly, through a bare Node pipe (the limit), through this gateway with all
 * protections on, and through those of others. Both directions of every figure are on this one machine, on which the
 * load generator and the server run too.
 */
const { values } = parseArgs({
  options: {
    /** Calls this gateway alone for so long, and shows its memory. */
    soak: { type: "string" },
    rounds: { type: "string", default: "4" },
    /** Leaves out the gateways of others. */
    alone: { type: "boolean", default: false },
  },
});

const directory = await mkdtemp(path.join(tmpdir(), "mcp-infra-bench-"));
const running: Contender[] = [];
const generator = startGenerator();
try {
  const server = await direct(directory);
  running.push(server);
  process.stdout.write(`${machine}\n\n`);
  if (values.soak) {
    const own = await gateway(directory, server.port);
    running.push(own);
    process.stdout.write(`${await soak(own, generator, durationSchema.parse(values.soak))}\n`);
  } else {
    running.push(await pipe(directory, server.port));
    running.push(await gateway(directory, server.port));
    const { started, missing } = values.alone
      ? { started: [], missing: [] }
      : await startPeers(directory, server.port);
    running.push(...started);
    process.stdout.write(`${report(await compare(running, generator, Number(values.rounds)), missing)}\n\n`);
    process.stdout.write(`${await lists(directory, server.port, generator)}\n`);
  }
} finally {
  generator.end();
  await Promise.all(running.map(({ program }) => program.end()));
  await rm(directory, { recursive: true });
}
