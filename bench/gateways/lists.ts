import { table } from "../../cli/table.ts";
import { gatewayOfMany } from "./contenders.ts";
import type { Generator } from "./generator.ts";

const SIZES = [
  { servers: 1, tools: 100 },
  { servers: 1, tools: 1_000 },
  { servers: 10, tools: 1_000 },
  { servers: 100, tools: 1_000 },
  { servers: 100, tools: 10_000 },
];

/** How long `tools/list` takes through this gateway as servers and tools become many, as a table. */
export async function lists(directory: string, target: number, generator: Generator): Promise<string> {
  const rows: string[][] = [];
  for (const { servers, tools } of SIZES) {
    const contender = await gatewayOfMany(directory, target, { servers, tools });
    try {
      const load = { what: "list", clients: 1, milliseconds: 2_000 } as const;
      await generator.run({ ...load, target: contender.target });
      const { times, reason } = await generator.run({ ...load, target: contender.target });
      const median = times.getValueAtPercentile(50) / 1000;
      rows.push([
        `${tools} tools over ${servers} ${servers === 1 ? "server" : "servers"}`,
        reason ?? `${median.toFixed(1)} ms`,
        `${((median * 1000) / tools).toFixed(1)} µs`,
      ]);
    } finally {
      await contender.program.end();
    }
  }
  return table(["TOOLS/LIST THROUGH MCP-INFRA", "P50", "A TOOL"], rows);
}
