import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { clusterPanels } from "../../components/targets/kubernetes/monitoring/cluster-panels.ts";
import { dashboard } from "../../components/views/dashboard.ts";
import { ruleFile } from "../../components/views/prometheus.ts";
import { Metrics } from "../../gateway/metrics.ts";
import { exampleModel } from "../example-model.ts";
import { findPromtool, promtool } from "./promtool.ts";
import { inDirectory } from "./promtool-scenario.ts";

interface Dashboard {
  uid: string;
  title: string;
  templating: { list: { name: string; query: string }[] };
  panels: {
    id: number;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    targets: { expr: string }[];
    fieldConfig: { defaults: { thresholds: { steps: { value: number | null }[] } } };
  }[];
}

const local = () => JSON.parse(dashboard(exampleModel())) as Dashboard;
const onKubernetes = () => {
  const model = exampleModel();
  const scope = { namespace: "support" };
  return JSON.parse(dashboard(model, scope, clusterPanels(model, "support"))) as Dashboard;
};
const withGroup = () => {
  const model = exampleModel();
  model.gateway.failover = [{ primary: "notes", standby: ["github"], mode: "standby" }];
  return JSON.parse(dashboard(model)) as Dashboard;
};
const expressions = ({ panels }: Dashboard) =>
  panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

// The first run on a machine downloads promtool.
beforeAll(() => {
  findPromtool();
}, 300_000);

describe.each<[string, () => Dashboard]>([
  ["local", local],
  ["on Kubernetes", onKubernetes],
  ["with a failover group", withGroup],
])("the dashboard %s", (_, read) => {
  it("asks only for metrics that there are", async () => {
    const own = (await new Metrics().registry.getMetricsAsJSON()).flatMap(({ name, type }) =>
      String(type) === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    );
    // By the documentation of kube-state-metrics; `up` is Prometheus' own.
    const others = [
      "up",
      "kube_deployment_spec_replicas",
      "kube_deployment_status_replicas_available",
      "kube_pod_container_status_restarts_total",
      "kube_pod_init_container_status_restarts_total",
    ];
    const asked = expressions(read()).flatMap((expr) => expr.match(/[a-z_:]+(?=\{)/g) ?? []);
    expect(asked.length).toBeGreaterThan(10);
    expect([...own, ...others]).toEqual(expect.arrayContaining([...new Set(asked)]));
  });

  it("asks in PromQL", async () => {
    const rules = expressions(read()).map((expr, index) => ({
      record: `panel:${index}`,
      // Grafana puts these in.
      expr: expr.replaceAll(/\$__rate_interval|\$__range/g, "5m").replaceAll("$server", "github|notes"),
    }));
    const { exitCode, output } = await inDirectory(async (directory) => {
      await writeFile(join(directory, "rules.yml"), ruleFile([{ name: "panels", rules }]));
      return promtool(directory, "check", "rules", "rules.yml");
    });
    expect(exitCode, output).toBe(0);
  });

  it("has its panels side by side, none upon another", () => {
    const cells = read().panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...read().panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
    expect(new Set(read().panels.map(({ id }) => id)).size).toBe(read().panels.length);
  });
});

it("is the same text for the same model, and another for the same gateway in another namespace", () => {
  expect(dashboard(exampleModel())).toBe(dashboard(exampleModel()));
  expect(local().uid).toMatch(/^mcp-[0-9a-f]{16}$/);
  expect(onKubernetes().uid).not.toBe(local().uid);
  expect(onKubernetes().title).toBe("MCP gateway edge (support)");
});

it("selects one gateway's series everywhere", () => {
  for (const expr of expressions(onKubernetes()))
    for (const matchers of expr.match(/\{[^}]*\}/g) ?? [])
      expect(matchers).toMatch(/^\{(job="edge",)?namespace="support"/);
});

it("draws the objective, and the budget only where there is one", () => {
  const p95 = local().panels.find(({ title }) => title === "Latency p95");
  expect(p95?.fieldConfig.defaults.thresholds.steps.map(({ value }) => value)).toEqual([null, 0.8]);
  const model = exampleModel();
  delete model.gateway.objectives;
  const titles = (JSON.parse(dashboard(model)) as Dashboard).panels.map(({ title }) => title);
  expect(titles).not.toContain("Error budget left");
  expect(local().panels.map(({ title }) => title)).toContain("Error budget left");
});

it("offers the declared servers to choose from", () => {
  expect(local().templating.list).toMatchObject([
    { name: "datasource", query: "prometheus" },
    { name: "server", query: "notes,github,tickets" },
  ]);
});
