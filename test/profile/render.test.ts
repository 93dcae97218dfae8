import { expect, test } from "vitest";
import { gatewaySchema } from "../../components/model/gateway.ts";
import type { ExampleCall } from "../../profile/calls.ts";
import { levelOf } from "../../profile/figures.ts";
import { renderProfile } from "../../profile/render.ts";
import { verdictOn } from "../../profile/verdict.ts";

const call: ExampleCall = {
  consumer: "agent",
  server: "code",
  tool: "search",
  name: "code__search",
  arguments: {},
};

test.each([
  [undefined, ["✓", "code__search", "5.0 ms", "5.0 ms", "5.0 ms", "200 by 1", "1 or more", "0 of 2"]],
  ["the tool says that it failed", ["✗", "code__search", "", "", "", "", "0", "2 of 2"]],
])("times stand in the table only where a call succeeded: %s", (failure, row) => {
  const samples = [0, 5].map((at) => ({ call, at, milliseconds: 5, ...(failure && { failure }) }));
  const levels = [levelOf(1, samples, 0)];
  const figures = { server: "code", tool: "search", name: "code__search", levels, distribution: [] };
  const tables: string[][][] = [];
  const draw = (_: string[], rows: string[][]) => {
    tables.push(rows);
    return "";
  };
  const gateway = gatewaySchema.parse({ name: "edge" });
  const verdict = verdictOn(figures, undefined, 1);
  renderProfile({ tools: [figures], lists: [], skipped: [] }, [verdict], gateway, draw);
  expect(tables[0]).toEqual([row]);
});
