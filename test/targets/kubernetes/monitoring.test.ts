import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { unknownCredentials } from "../../../components/alerting.ts";
import { Declaration } from "../../../components/declaration.ts";
import {
  type AlertingModel,
  alertingSchema,
  type IntegrationModel,
  type SecretStoreModel,
} from "../../../components/model/integration.ts";
import type { SecretRef } from "../../../components/secrets.ts";
import { type KubernetesArgs, kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import { labels } from "../../../components/targets/kubernetes/labels.ts";
import { maker } from "../../../components/targets/kubernetes/make.ts";
import { alertmanagerConfig } from "../../../components/targets/kubernetes/monitoring/alertmanager-config.ts";
import { monitor } from "../../../components/targets/kubernetes/monitoring/index.ts";
import { deploymentsOf } from "../../../components/targets/kubernetes/monitoring/kubernetes-alerts.ts";
import { prometheusRule } from "../../../components/targets/kubernetes/monitoring/prometheus-rule.ts";
import { serviceMonitor } from "../../../components/targets/kubernetes/monitoring/service-monitor.ts";
import { plain, secretTexts } from "../../../components/targets/local/provider/values.ts";
import { declare, known } from "../../components/declare.ts";
import { exampleModel } from "../../example-model.ts";

const settingsOf = (more: Partial<KubernetesArgs> = {}) =>
  kubernetesSchema.parse({
    namespace: "support",
    image: { reference: `registry.example.com/mcp-infra@sha256:${"0".repeat(64)}` },
    secretStore: { name: "vault" },
    monitoring: { labels: { release: "prometheus" } },
    ...more,
  });
const settings = settingsOf();

const store: SecretStoreModel = {
  name: "keys",
  given: ["slack", "pager"],
  generated: [],
  external: { hook: { key: "prod/hook", version: "1" } },
};
const ref = (key: string): SecretRef => ({
  store: "keys",
  key,
  from: store,
  value: pulumi.secret(key in store.external ? "" : `canary-${key}`),
});
const receivers = { slack: ref("slack"), pagerDuty: ref("pager"), webhook: ref("hook") };
const notify: AlertingModel["notify"] = {
  slack: { channel: "#mcp-alerts", url: { store: "keys", key: "slack" } },
  pagerDuty: { routingKey: { store: "keys", key: "pager" } },
  webhook: { url: { store: "keys", key: "hook" } },
};

const modelWith = (told?: AlertingModel["notify"]): IntegrationModel => ({
  ...exampleModel(),
  target: "kubernetes",
  alerting: alertingSchema.parse({ name: "alerts", ...(told && { notify: told }) }),
});

describe("what is scraped", () => {
  const { metadata, spec } = serviceMonitor("alerts", "edge", settings) as {
    metadata: { labels?: Record<string, string> };
    spec: { jobLabel: string; selector: { matchLabels: Record<string, string> }; endpoints: object[] };
  };

  test("is the gateway's Service, whose job is the gateway's name: all rules select by it", () => {
    const service = labels("gateway", "edge");
    expect(service).toMatchObject(spec.selector.matchLabels);
    expect(labels("server", "edge")).not.toMatchObject(spec.selector.matchLabels);
    expect(service[spec.jobLabel]).toBe("edge");
    expect(spec.endpoints).toMatchObject([{ port: "mcp", path: "/metrics" }]);
  });

  test("is found by the labels that Prometheus selects by", () => {
    expect(metadata.labels).toMatchObject({ release: "prometheus" });
  });
});

describe("the rules", () => {
  const alertsOf = (more: Partial<KubernetesArgs>) => {
    const { spec } = prometheusRule("alerts", modelWith(), settingsOf(more)) as {
      spec: { groups: { name: string; rules: { alert?: string }[] }[] };
    };
    return spec.groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
  };

  test("are those of every target and those of the cluster", () => {
    expect(alertsOf({})).toEqual(
      expect.arrayContaining(["McpGatewayDown", "McpBackendDown", "McpReplicasLost", "McpRestartLoop"]),
    );
    expect(alertsOf({})).not.toContain("McpCertificateExpiring");
    const ingress = { className: "nginx", namespace: "ingress" };
    expect(alertsOf({ expose: { host: "a.b", ingress } })).not.toContain("McpCertificateExpiring");
    expect(alertsOf({ expose: { host: "a.b", ingress, certificate: { issuer: "ca" } } })).toContain(
      "McpCertificateExpiring",
    );
  });

  test("watch the Deployments that this stack makes: no remote server, none of another stack", () => {
    const model = modelWith();
    const [notes] = model.servers;
    if (notes) notes.offered = { stack: "a/b/c", name: "notes", target: "kubernetes", namespace: "other" };
    expect(deploymentsOf(model)).toEqual(["edge", "github"]);
  });
});

describe("who is told", () => {
  const credentials = {
    slack: { name: "made", key: "slack" },
    pagerDuty: { name: "made", key: "pagerDuty" },
    webhook: { name: "made", key: "webhook" },
  };
  const told = (who: AlertingModel["notify"]) =>
    alertmanagerConfig("alerts", modelWith(who), credentials, settings)?.spec as
      | { route: object; receivers: object[] }
      | undefined;

  test("is nobody without notify", () => {
    expect(told(undefined)).toBeUndefined();
  });

  test("is told of this gateway's alerts by severity, with credentials by reference", () => {
    expect(told(notify)).toMatchObject({
      route: {
        receiver: "ticket",
        matchers: [{ name: "gateway", value: "edge", matchType: "=" }],
        routes: [{ receiver: "page", matchers: [{ name: "severity", value: "page", matchType: "=" }] }],
      },
      receivers: [
        {
          name: "page",
          slackConfigs: [{ apiURL: credentials.slack, channel: "#mcp-alerts" }],
          pagerdutyConfigs: [{ routingKey: credentials.pagerDuty, severity: "critical" }],
          webhookConfigs: [{ urlSecret: credentials.webhook }],
        },
        { name: "ticket", slackConfigs: [{}], webhookConfigs: [{}] },
      ],
    });
    expect(told(notify)?.receivers[1]).not.toHaveProperty("pagerdutyConfigs");
  });
});

describe("monitoring of a gateway", () => {
  const made = (told?: AlertingModel["notify"]) => {
    const make = maker(new Declaration(), () => {});
    const request = { name: "alerts", model: modelWith(told), rules: [], receivers: told ? receivers : {} };
    return declare(() => monitor(make, request, settings, {}));
  };

  test("is what Prometheus Operator and Grafana look for", async () => {
    const { result, registered } = await made();
    expect(await known(result)).toBe("prometheusrule/alerts in namespace support");
    expect(registered.map(({ type, name }) => [name, type]).sort()).toEqual([
      ["alerts-dashboard", "kubernetes:core/v1:ConfigMap"],
      ["alerts-monitor", "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"],
      ["alerts-rules", "kubernetes:monitoring.coreos.com/v1:PrometheusRule"],
    ]);
  });

  test("has the dashboard where Grafana's sidecar finds it", async () => {
    const { find } = await made();
    const { metadata, data } = find("alerts-dashboard").inputs as {
      metadata: { labels: object };
      data: Record<string, string>;
    };
    expect(metadata.labels).toMatchObject({ grafana_dashboard: "1" });
    expect(JSON.parse(data["support-edge.json"] ?? "")).toMatchObject({
      title: "MCP gateway edge (support)",
    });
  });

  test("keeps credentials in a Secret, or has them fetched, and refers to them", async () => {
    const { find, registered } = await made(notify);
    expect(plain(find("alerts-secrets").inputs)).toMatchObject({
      immutable: true,
      stringData: { slack: "canary-slack", pagerDuty: "canary-pager" },
    });
    expect(secretTexts(find("alerts-secrets").inputs).sort()).toEqual(["canary-pager", "canary-slack"]);
    const { spec } = plain(find("alerts-receivers").inputs) as {
      spec: { receivers: Record<string, object>[] };
    };
    expect(spec.receivers[0]).toMatchObject({
      slackConfigs: [{ apiURL: { name: "alerts-secrets-1a2b", key: "slack" } }],
      pagerdutyConfigs: [{ routingKey: { name: "alerts-secrets-1a2b", key: "pagerDuty" } }],
      webhookConfigs: [{ urlSecret: { name: expect.stringMatching(/^alerts-external-/), key: "webhook" } }],
    });
    const others = registered.filter(({ name }) => name !== "alerts-secrets");
    expect(JSON.stringify(others)).not.toContain("canary");
  });
});

describe("a credential that its store doesn't have", () => {
  test.each<[string, Record<string, SecretRef>, { property: string; reason: string }[]]>([
    ["is none of these", receivers, []],
    [
      "is named by its property",
      { slack: ref("slak") },
      [
        {
          property: "notify.slack.url",
          reason: 'refers to "slak" of secrets keys, which has slack, pager, hook',
        },
      ],
    ],
    [
      "is named with all the others",
      { pagerDuty: ref("a"), webhook: { ...ref("b"), from: { ...store, given: [], external: {} } } },
      [
        {
          property: "notify.pagerDuty.routingKey",
          reason: 'refers to "a" of secrets keys, which has slack, pager, hook',
        },
        { property: "notify.webhook.url", reason: 'refers to "b" of secrets keys, which has no secret' },
      ],
    ],
  ])("%s", (_, given, expected) => {
    expect(unknownCredentials(given)).toEqual(expected);
  });
});
