import { beforeAll, describe, expect, it } from "vitest";
import type { IntegrationModel } from "../../components/model/integration.ts";
import { kubernetesAlerts } from "../../components/targets/kubernetes/monitoring/kubernetes-alerts.ts";
import { alertRules } from "../../components/views/alert-rules.ts";
import { ruleFile } from "../../components/views/prometheus.ts";
import { exampleModel } from "../example-model.ts";
import { findPromtool } from "./promtool.ts";
import { differenceFromFiring, type Samples } from "./promtool-scenario.ts";

const namespace = "support";
const model = (): IntegrationModel => ({ ...exampleModel(), target: "kubernetes" });
const groups = () => [
  ...alertRules(model(), { namespace }),
  ...kubernetesAlerts(model(), { namespace, certificate: true }),
];
const rules = () => ruleFile(groups());

/** A series as a ServiceMonitor has it scraped from one of the gateway's two pods. */
const scraped = (metric: string, pod: string, labels = "") =>
  `${metric}{job="edge",namespace="support",pod="${pod}",instance="${pod}"${labels && `,${labels}`}}`;
const ofPods = (metric: string, values: string, labels = ""): Samples =>
  Object.fromEntries(["a", "b"].map((pod) => [scraped(metric, pod, labels), values]));
const deployment = (metric: string, name: string, labels = 'namespace="support"') =>
  `kube_deployment_${metric}{job="kube-state-metrics",${labels},deployment="${name}"}`;
const restarted = (pod: string, container: string, kind = "container") =>
  `kube_pod_${kind}_status_restarts_total{job="kube-state-metrics",namespace="support",pod="${pod}",container="${container}"}`;
const certificate = (metric: string, labels = 'namespace="support"') =>
  `certmanager_certificate_${metric}_timestamp_seconds{job="cert-manager",name="edge",${labels}}`;
const exported = 'namespace="cert-manager",exported_namespace="support"';

const day = 86_400;

/** Three hours in which two gateway pods serve, and all is well. */
const healthy: Samples = {
  ...ofPods("up", "1x180"),
  ...Object.fromEntries(
    ["notes", "github", "tickets"].flatMap((server) =>
      Object.entries(ofPods("mcp_gateway_backend_up", "1x180", `server="${server}"`)),
    ),
  ),
  ...ofPods("mcp_gateway_tool_calls_total", "0+50x180", 'server="github",tool="t",consumer="c",outcome="ok"'),
  ...ofPods("mcp_gateway_auth_failures_total", "0x180", 'reason="unknown_token"'),
  ...ofPods("mcp_smoke_test_passed", "1x180"),
  ...ofPods("mcp_smoke_test_timestamp_seconds", "1700000000x180"),
  [deployment("spec_replicas", "edge")]: "2x180",
  [deployment("status_replicas_available", "edge")]: "2x180",
  [deployment("spec_replicas", "github")]: "2x180",
  [deployment("status_replicas_available", "github")]: "2x180",
  [restarted("edge-7d9f8b6c5d-x2x4z", "edge")]: "0x180",
  [restarted("github-5f6d7c8b9-abcde", "mcp-probe", "init_container")]: "0x180",
  [certificate("expiration")]: `${60 * day}x180`,
  [certificate("renewal")]: `${30 * day}x180`,
};

const without = (...series: string[]): Samples =>
  Object.fromEntries(Object.entries(healthy).filter(([name]) => !series.includes(name)));

const certificateSeries = [certificate("expiration"), certificate("renewal")];

// The first run on a machine downloads promtool.
beforeAll(() => {
  findPromtool();
}, 300_000);

describe("with two gateway replicas in a cluster", () => {
  it.each<[story: string, samples: Samples, at: string, firing: string[]]>([
    ["all is well", healthy, "2h", []],
    ["one replica is down", { ...healthy, [scraped("up", "b")]: "0x180" }, "10m", []],
    ["both are down", { ...healthy, ...ofPods("up", "0x180") }, "10m", ["McpGatewayDown"]],
    ["both are gone", without(...Object.keys(ofPods("up", ""))), "10m", ["McpGatewayDown"]],
    [
      "another namespace's gateway of the same name serves",
      {
        ...without(...Object.keys(ofPods("up", ""))),
        'up{job="edge",namespace="production",instance="c"}': "1x180",
      },
      "10m",
      ["McpGatewayDown"],
    ],
    [
      "another namespace's gateway of the same name is in trouble",
      {
        ...healthy,
        'mcp_gateway_backend_up{job="edge",namespace="production",instance="c",server="github"}': "0x180",
        'mcp_smoke_test_passed{job="edge",namespace="production",instance="c"}': "0x180",
      },
      "10m",
      [],
    ],
    [
      "one of them does not reach a server",
      { ...healthy, [scraped("mcp_gateway_backend_up", "b", 'server="notes"')]: "0x180" },
      "10m",
      ["McpBackendDown notes"],
    ],
    [
      "errors at one of them count against all calls",
      {
        ...healthy,
        [scraped(
          "mcp_gateway_tool_calls_total",
          "b",
          'server="github",tool="t",consumer="c",outcome="unavailable"',
        )]: "0+5x180",
      },
      "2h",
      ["McpErrorBudgetBurn1h github", "McpErrorBudgetBurn6h github", "McpErrorBudgetBurn3d github"],
    ],
    [
      "wrong tokens at both add up",
      { ...healthy, ...ofPods("mcp_gateway_auth_failures_total", "0+0.8x180", 'reason="unknown_token"') },
      "30m",
      ["McpAuthenticationFailures"],
    ],
    [
      "one of them reads of a failed smoke test",
      { ...healthy, [scraped("mcp_smoke_test_passed", "b")]: "0x180" },
      "10m",
      ["McpSmokeTestFailing"],
    ],
  ])("%s", async (_, samples, at, firing) => {
    expect(await differenceFromFiring(rules(), samples, at, firing)).toBe("");
  });
});

describe("what only a cluster does", () => {
  it.each<[story: string, samples: Samples, at: string, firing: string[]]>([
    [
      "a replica is lost",
      { ...healthy, [deployment("status_replicas_available", "edge")]: "2x30 1x150" },
      "40m",
      ["McpReplicasLost"],
    ],
    [
      "a replica was lost for a minute",
      { ...healthy, [deployment("status_replicas_available", "edge")]: "2x30 1x1 2x150" },
      "40m",
      [],
    ],
    [
      "a replica is lost, and kube-state-metrics tells it twice",
      Object.fromEntries(
        Object.entries({
          ...healthy,
          [deployment("status_replicas_available", "github")]: "1x180",
        }).flatMap(([series, values]) =>
          series.startsWith("kube_deployment")
            ? ["1", "2"].map((instance) => [series.replace("}", `,instance="${instance}"}`), values])
            : [[series, values]],
        ),
      ),
      "10m",
      ["McpReplicasLost"],
    ],
    [
      "another Deployment of the namespace lacks one, and one of the same name elsewhere",
      {
        ...healthy,
        [deployment("spec_replicas", "website")]: "2x180",
        [deployment("status_replicas_available", "website")]: "1x180",
        [deployment("spec_replicas", "edge", 'namespace="production"')]: "2x180",
        [deployment("status_replicas_available", "edge", 'namespace="production"')]: "1x180",
      },
      "10m",
      [],
    ],
    [
      "a container restarts every five minutes",
      { ...healthy, [restarted("edge-7d9f8b6c5d-x2x4z", "edge")]: "0x4 1x4 2x4 3x4 4x4 5x4 6x4 7x4" },
      "35m",
      ["McpRestartLoop"],
    ],
    [
      "a probe beside a server restarts every minute",
      {
        ...healthy,
        [restarted("github-5f6d7c8b9-abcde", "mcp-probe", "init_container")]: "0+1x60",
      },
      "30m",
      ["McpRestartLoop"],
    ],
    [
      "a container was restarted once",
      { ...healthy, [restarted("edge-7d9f8b6c5d-x2x4z", "edge")]: "0x10 1x170" },
      "15m",
      [],
    ],
    [
      "pods of a Deployment whose name begins alike restart",
      { ...healthy, [restarted("github-mirror-5f6d7c8b9-abcde", "github-mirror")]: "0+1x60" },
      "30m",
      [],
    ],
    [
      "the certificate's renewal is due, and there is time",
      { ...healthy, [certificate("renewal")]: "0x180", [certificate("expiration")]: `${20 * day}x180` },
      "2h",
      [],
    ],
    [
      "the certificate ends in five days, its renewal overdue",
      { ...healthy, [certificate("renewal")]: "0x180", [certificate("expiration")]: `${5 * day}x180` },
      "2h",
      ["McpCertificateExpiring"],
    ],
    [
      "a certificate of six days is renewed after four",
      {
        ...healthy,
        [certificate("renewal")]: `${4 * day}x180`,
        [certificate("expiration")]: `${6 * day}x180`,
      },
      "2h",
      [],
    ],
    [
      "the certificate was never issued",
      { ...healthy, [certificate("renewal")]: "0x180", [certificate("expiration")]: "0x180" },
      "2h",
      ["McpCertificateExpiring"],
    ],
    [
      "cert-manager is scraped without honouring its labels",
      {
        ...without(...certificateSeries),
        [certificate("renewal", exported)]: "0x180",
        [certificate("expiration", exported)]: `${5 * day}x180`,
      },
      "2h",
      ["McpCertificateExpiring"],
    ],
    ["cert-manager is not scraped", without(...certificateSeries), "2h", []],
  ])("%s", async (_, samples, at, firing) => {
    expect(await differenceFromFiring(rules(), samples, at, firing)).toBe("");
  });

  it("is asked about certificates only where there is one", () => {
    const names = (certificate: boolean) =>
      kubernetesAlerts(model(), { namespace, certificate }).flatMap((group) =>
        group.rules.map(({ alert }) => alert),
      );
    expect(names(false)).toEqual(["McpReplicasLost", "McpRestartLoop"]);
    expect(names(true)).toEqual(["McpReplicasLost", "McpRestartLoop", "McpCertificateExpiring"]);
  });
});

it("every alert has the namespace, by which Prometheus Operator routes it, and words that fit", () => {
  const alerts = groups().flatMap(({ rules: all }) => all.filter(({ alert }) => alert !== undefined));
  for (const { labels } of alerts) expect(labels).toMatchObject({ namespace: "support", gateway: "edge" });
  const words = JSON.stringify(alerts);
  expect(words).not.toContain("process");
  expect(words).toContain("kubectl describe deployment edge --namespace support");
});
