import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { IntegrationModel } from "../../components/model/integration.ts";
import { alertRules } from "../../components/views/alert-rules.ts";
import { ruleFile } from "../../components/views/prometheus.ts";
import { scrapeConfig } from "../../components/views/scrape-config.ts";
import { exampleModel } from "../example-model.ts";
import { findPromtool, promtool } from "./promtool.ts";
import { differenceFromFiring, inDirectory, runScenario, type Samples } from "./promtool-scenario.ts";

interface RuleFile {
  groups: { rules: { alert?: string; expr: string; for?: string; labels?: Record<string, string> }[] }[];
}

function changed(change: (model: Required<IntegrationModel>) => void): IntegrationModel {
  const model = exampleModel();
  change(model);
  return model;
}

const rulesOf = (model: IntegrationModel) => ruleFile(alertRules(model));

const alertsIn = (model: IntegrationModel) =>
  (parse(rulesOf(model)) as RuleFile).groups
    .flatMap(({ rules }) => rules)
    .filter(({ alert }) => alert !== undefined);

const alertNames = (model: IntegrationModel) => [...new Set(alertsIn(model).map(({ alert }) => alert))];

const backend = (server: string) => `mcp_gateway_backend_up{job="edge",instance="a",server="${server}"}`;
const calls = (server: string, outcome: string) =>
  `mcp_gateway_tool_calls_total{job="edge",instance="a",server="${server}",tool="t",consumer="c",outcome="${outcome}"}`;
const bucket = (server: string, le: string) =>
  `mcp_gateway_tool_call_duration_seconds_bucket{job="edge",instance="a",server="${server}",tool="t",le="${le}"}`;
const authFailures = 'mcp_gateway_auth_failures_total{job="edge",instance="a",reason="unknown_token"}';
const smokePassed = 'mcp_smoke_test_passed{job="edge",instance="a"}';
const smokeTimestamp = 'mcp_smoke_test_timestamp_seconds{job="edge",instance="a"}';
const up = 'up{job="edge",instance="a"}';

/** Three hours in which all is well, with traffic to two servers. */
const healthy: Samples = {
  [up]: "1x180",
  [backend("notes")]: "1x180",
  [backend("github")]: "1x180",
  [backend("tickets")]: "1x180",
  [calls("github", "ok")]: "0+100x180",
  [calls("notes", "ok")]: "0+100x180",
  [bucket("github", "0.5")]: "0+100x180",
  [bucket("github", "1")]: "0+100x180",
  [bucket("github", "2.5")]: "0+100x180",
  [bucket("github", "+Inf")]: "0+100x180",
  [authFailures]: "0x180",
  [smokePassed]: "1x180",
  [smokeTimestamp]: "1700000000x180",
};

const without = (...series: string[]): Samples =>
  Object.fromEntries(Object.entries(healthy).filter(([name]) => !series.includes(name)));

// The first run on a machine downloads promtool.
beforeAll(() => {
  findPromtool();
}, 300_000);

describe("promtool accepts what is generated", () => {
  it.each<[string, IntegrationModel]>([
    ["the example", exampleModel()],
    ["an integration without objectives", changed((model) => delete model.gateway.objectives)],
    ["one without smoke test and alerting", { ...exampleModel(), smokeTest: undefined, alerting: undefined }],
    ["one without a gateway", { ...exampleModel(), gateway: undefined }],
    [
      "a purpose and names with every hyphen",
      changed((model) => {
        for (const server of model.servers) server.name = `a-1-${server.name}`;
      }),
    ],
  ])("for %s", async (_, model) => {
    const report = await inDirectory(async (directory) => {
      await writeFile(join(directory, "rules.yml"), rulesOf(model));
      await writeFile(join(directory, "prometheus.yml"), scrapeConfig(model, { rulesFile: "rules.yml" }));
      const rules = await promtool(directory, "check", "rules", "rules.yml");
      const config = await promtool(directory, "check", "config", "prometheus.yml");
      return { exitCodes: [rules.exitCode, config.exitCode], output: rules.output + config.output };
    });
    expect(report, report.output).toMatchObject({ exitCodes: [0, 0] });
  });
});

describe("alerts fire when they should, and no others do", () => {
  it.each<[story: string, samples: Samples, at: string, firing: string[]]>([
    ["all is well", healthy, "2h", []],
    [
      "a backend is lost behind a healthy gateway",
      { ...healthy, [backend("github")]: "1x30 0x150" },
      "40m",
      ["McpBackendDown github"],
    ],
    ["a backend was lost for a moment", { ...healthy, [backend("github")]: "1x30 0 1x149" }, "40m", []],
    ["a lost backend has come back", { ...healthy, [backend("github")]: "1x30 0x30 1x120" }, "90m", []],
    [
      "a backend is lost for less than the declared delay",
      { ...healthy, [backend("github")]: "1x30 0x150" },
      "32m",
      [],
    ],
    [
      "the gateway does not report on a declared backend",
      without(backend("tickets")),
      "10m",
      ["McpBackendDown tickets"],
    ],
    [
      "one of two gateway replicas does not reach a backend",
      { ...healthy, [backend("notes").replace('"a"', '"b"')]: "0x180" },
      "10m",
      ["McpBackendDown notes"],
    ],
    ["the gateway is down", { [up]: "0x60" }, "10m", ["McpGatewayDown"]],
    ["Prometheus does not know the gateway", { 'up{job="other"}': "1x60" }, "10m", ["McpGatewayDown"]],
    ["one of two gateway replicas is down", { ...healthy, [up.replace('"a"', '"b"')]: "0x180" }, "10m", []],
    ["a backend that nobody declared is lost", { ...healthy, [backend("stranger")]: "0x180" }, "10m", []],
    [
      "another gateway's backend is lost",
      { ...healthy, [backend("github").replace("edge", "other")]: "0x180" },
      "10m",
      [],
    ],
    // The samples begin two hours earlier, so that the long windows see the same share as the short ones.
    [
      "a twentieth of a server's results say isError",
      { ...healthy, [calls("github", "tool_error")]: "0+5x180" },
      "2h",
      ["McpErrorBudgetBurn1h github", "McpErrorBudgetBurn6h github", "McpErrorBudgetBurn3d github"],
    ],
    [
      "timeouts burn the budget as errors do",
      { ...healthy, [calls("notes", "timeout")]: "0+5x180" },
      "2h",
      ["McpErrorBudgetBurn1h notes", "McpErrorBudgetBurn6h notes", "McpErrorBudgetBurn3d notes"],
    ],
    [
      "1 % of errors burns too slowly for the hour",
      { ...healthy, [calls("github", "protocol_error")]: "0+1x180" },
      "2h",
      ["McpErrorBudgetBurn6h github", "McpErrorBudgetBurn3d github"],
    ],
    [
      "0.2 % of errors is for working hours",
      { ...healthy, [calls("github", "ok")]: "0+1000x180", [calls("github", "unavailable")]: "0+2x180" },
      "2h",
      ["McpErrorBudgetBurn3d github"],
    ],
    [
      "0.05 % of errors is within the objective",
      { ...healthy, [calls("github", "ok")]: "0+2000x180", [calls("github", "unavailable")]: "0+1x180" },
      "2h",
      [],
    ],
    ["denied calls are no errors", { ...healthy, [calls("github", "denied")]: "0+100x180" }, "2h", []],
    [
      "the errors are over: the short windows let go",
      { ...healthy, [calls("github", "tool_error")]: "0+100x10 1000x170" },
      "60m",
      ["McpErrorBudgetBurn3d github"],
    ],
    [
      "a tenth of the calls is slower than the objective",
      { ...healthy, [bucket("github", "0.5")]: "0+90x180", [bucket("github", "1")]: "0+90x180" },
      "30m",
      ["McpLatencyHigh github"],
    ],
    [
      "a hundredth of the calls is slower than the objective",
      { ...healthy, [bucket("github", "0.5")]: "0+99x180", [bucket("github", "1")]: "0+99x180" },
      "30m",
      [],
    ],
    [
      "a caller keeps trying with a wrong token",
      { ...healthy, [authFailures]: "0+4x180" },
      "30m",
      ["McpAuthenticationFailures"],
    ],
    ["a caller mistyped a token now and then", { ...healthy, [authFailures]: "0x10 1x10 2x160" }, "30m", []],
    ["the smoke test fails", { ...healthy, [smokePassed]: "0x180" }, "10m", ["McpSmokeTestFailing"]],
    [
      "the declared smoke test has left no result",
      without(smokePassed, smokeTimestamp),
      "10m",
      ["McpSmokeTestMissing"],
    ],
  ])("%s", async (_, samples, at, firing) => {
    expect(await differenceFromFiring(rulesOf(exampleModel()), samples, at, firing)).toBe("");
  });
});

describe("the declaration decides which alerts there are", () => {
  it("names them in a stable order", () => {
    expect(alertNames(exampleModel())).toEqual([
      "McpGatewayDown",
      "McpBackendDown",
      "McpErrorBudgetBurn1h",
      "McpErrorBudgetBurn6h",
      "McpErrorBudgetBurn3d",
      "McpLatencyHigh",
      "McpBreakerOpen",
      "McpCallsRejected",
      "McpRetryStorm",
      "McpAuthenticationFailures",
      "McpSmokeTestFailing",
      "McpSmokeTestMissing",
    ]);
    expect(rulesOf(exampleModel())).toBe(rulesOf(exampleModel()));
  });

  const withoutObjectives = changed((model) => delete model.gateway.objectives);

  it("has no latency alert without an objective, and calls half of the calls failing a fault", () => {
    expect(alertNames(withoutObjectives)).not.toContain("McpLatencyHigh");
    expect(alertNames(withoutObjectives)).toContain("McpErrorRateHigh");
  });

  it.each([
    ["60 % of the calls fail", "0+150x180", ["McpErrorRateHigh github"]],
    ["40 % of the calls fail", "0+66x180", []],
  ])("without an objective: %s", async (_, errors, firing) => {
    const samples = { ...healthy, [calls("github", "tool_error")]: errors };
    expect(await differenceFromFiring(rulesOf(withoutObjectives), samples, "30m", firing)).toBe("");
  });

  it("does not miss a smoke test that is not declared", async () => {
    const rules = rulesOf({ ...exampleModel(), smokeTest: undefined });
    expect(await differenceFromFiring(rules, without(smokePassed, smokeTimestamp), "10m", [])).toBe("");
  });

  it("alerts on a total outage also where the objective is too low for the burn rates", async () => {
    const low = changed(({ gateway }) => {
      gateway.objectives = { availability: 0.6, p95: 800 };
    });
    const samples = { ...without(calls("github", "ok")), [calls("github", "unavailable")]: "0+100x180" };
    expect(
      await differenceFromFiring(rulesOf(low), samples, "2h", [
        "McpErrorBudgetBurn1h github",
        "McpErrorBudgetBurn6h github",
        "McpErrorBudgetBurn3d github",
      ]),
    ).toBe("");
  });

  it.each([
    [45_000, "45s"],
    [90_000, "90s"],
    [120_000, "2m"],
    [7_200_000, "2h"],
    [1_500, "1500ms"],
  ])("waits %i ms as %s before it fires", (after, expected) => {
    const model = changed(({ alerting }) => {
      alerting.after = after;
    });
    expect(new Set(alertsIn(model).map((rule) => rule.for))).toEqual(new Set([expected]));
  });
});

it("an alert tells what is wrong and what to do", async () => {
  const scenario = {
    rule_files: ["rules.yml"],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: [
          { series: up, values: "1x60" },
          ...["notes", "tickets"].map((server) => ({ series: backend(server), values: "1x60" })),
          { series: backend("github"), values: "0x60" },
        ],
        alert_rule_test: [
          {
            eval_time: "10m",
            alertname: "McpBackendDown",
            exp_alerts: [
              {
                exp_labels: {
                  severity: "page",
                  gateway: "edge",
                  job: "edge",
                  server: "github",
                },
                exp_annotations: {
                  summary: "Server github is lost behind gateway edge",
                  description:
                    "Gateway edge is up, but does not reach server github or does not report on it.",
                  action:
                    'Run "npx mcp-infra logs github"; "pulumi up" starts a server whose process has died.',
                },
              },
            ],
          },
        ],
      },
    ],
  };
  expect(await runScenario(rulesOf(exampleModel()), scenario)).toBe("");
});

it.each([
  ["127.0.0.1", "127.0.0.1:7400"],
  ["0.0.0.0", "127.0.0.1:7400"],
  ["::", "[::1]:7400"],
  ["::1", "[::1]:7400"],
  ["[::1]", "[::1]:7400"],
  ["gateway.internal", "gateway.internal:7400"],
])("scrapes a gateway that listens on %s at %s", (host, expected) => {
  const model = changed(({ gateway }) => {
    gateway.listen.host = host;
  });
  const config = parse(scrapeConfig(model, { rulesFile: "rules.yml" }));
  expect(config).toMatchObject({
    rule_files: ["rules.yml"],
    scrape_configs: [{ job_name: "edge", static_configs: [{ targets: [expected] }] }],
  });
});
