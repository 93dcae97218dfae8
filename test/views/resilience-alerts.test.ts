import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { gatewaySchema } from "../../components/model/gateway.ts";
import { alertRules } from "../../components/views/alert-rules.ts";
import { ruleFile } from "../../components/views/prometheus.ts";
import { exampleModel } from "../example-model.ts";
import { findPromtool } from "./promtool.ts";
import { differenceFromFiring, type Samples } from "./promtool-scenario.ts";

/** GitHub's server stands in for the notes' one, and what the tools are is agreed on. */
function declared() {
  const model = exampleModel();
  model.gateway = gatewaySchema.parse({
    name: "edge",
    failover: [{ primary: "notes", standby: ["github"] }],
    catalogue: {},
  });
  return model;
}

const rules = ruleFile(alertRules(declared()));
const series = (metric: string, labels: string) => `mcp_gateway_${metric}{job="edge",instance="a",${labels}}`;
const backend = (server: string) => series("backend_up", `server="${server}"`);
const breaker = series("breaker_state", 'server="github"');
const retries = series("retries_total", 'server="github"');
const failovers = series("failovers_total", 'server="notes",member="github"');
const unpinned = series("unpinned_tools", 'server="tickets"');
const calls = (outcome: string) =>
  series("tool_calls_total", `server="github",tool="t",consumer="c",outcome="${outcome}"`);

/** An hour in which all is well. */
const healthy: Samples = {
  'up{job="edge",instance="a"}': "1x60",
  [backend("notes")]: "1x60",
  [backend("github")]: "1x60",
  [backend("tickets")]: "1x60",
  [breaker]: "0x60",
  [retries]: "0x60",
  [failovers]: "0x60",
  [unpinned]: "0x60",
  [calls("ok")]: "0+600x60",
  'mcp_smoke_test_passed{job="edge",instance="a"}': "1x60",
  'mcp_smoke_test_timestamp_seconds{job="edge",instance="a"}': "1700000000x60",
};

// The first run on a machine downloads promtool.
beforeAll(() => {
  findPromtool();
}, 300_000);

describe("what the gateway makes up for is told, and wakes nobody up", () => {
  it.each<[story: string, samples: Samples, firing: string[]]>([
    ["all is well", {}, []],
    [
      "a breaker is open, and tries now and then",
      { [breaker]: "0x10 2 2 1 2 2 1 2x44" },
      ["McpBreakerOpen github"],
    ],
    ["a breaker was open for a moment", { [breaker]: "0x28 2 0x31" }, []],
    ["a tenth of the calls is rejected", { [calls("rejected")]: "0+66x60" }, ["McpCallsRejected github"]],
    ["a hundredth of the calls is rejected", { [calls("rejected")]: "0+6x60" }, []],
    ["every fifth call is sent again", { [retries]: "0+120x60" }, ["McpRetryStorm github"]],
    ["some calls are sent again", { [retries]: "0+30x60" }, []],
    ["the only call in a while is sent again", { [calls("ok")]: "0x29 1x30", [retries]: "0x29 2x30" }, []],
    ["the standby serves", { [failovers]: "0x10 10+10x50" }, ["McpFailoverActive notes"]],
    ["the standby served for a moment", { [failovers]: "0x10 10x50" }, []],
    ["the primary is lost", { [backend("notes")]: "0x60" }, ["McpBackendDown notes"]],
    ["the standby is lost", { [backend("github")]: "0x60" }, ["McpBackendDown github"]],
    ["tools have changed", { [unpinned]: "0x10 2x50" }, ["McpToolsUnpinned tickets"]],
    [
      "all members are lost",
      { [backend("notes")]: "0x60", [backend("github")]: "0x60" },
      ["McpBackendDown notes", "McpBackendDown github", "McpFailoverGroupDown"],
    ],
  ])("%s", async (_, samples, firing) => {
    expect(await differenceFromFiring(rules, { ...healthy, ...samples }, "30m", firing)).toBe("");
  });
});

it("a member of a group is for working hours, all of them and a server that stands alone are not", () => {
  const { groups } = parse(rules) as {
    groups: { rules: { alert?: string; expr: string; labels: { severity: string } }[] }[];
  };
  const pages = groups
    .flatMap(({ rules }) => rules)
    .filter(({ labels }) => labels?.severity === "page")
    .map(({ alert, expr }) => `${alert} ${/server="(\w+)"/.exec(expr)?.[1] ?? ""}`.trim());
  expect(pages).toEqual([
    "McpGatewayDown",
    "McpBackendDown tickets",
    "McpErrorRateHigh",
    "McpFailoverGroupDown",
    "McpSmokeTestFailing",
  ]);
});

it("calls that are rejected are errors; what a caller may not have, or gave up itself, is none", async () => {
  const of = (outcome: string) =>
    differenceFromFiring(rules, { ...healthy, [calls("ok")]: "0+1x60", [calls(outcome)]: "0+9x60" }, "30m", [
      ...(outcome === "rejected" ? ["McpErrorRateHigh github", "McpCallsRejected github"] : []),
    ]);
  for (const outcome of ["rejected", "limited", "unpinned", "unauthorized", "cancelled", "denied"]) {
    expect(await of(outcome), outcome).toBe("");
  }
});
