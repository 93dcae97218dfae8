import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import * as mcp from "../../../components/index.ts";
import { alertingSchema, type SecretStoreModel } from "../../../components/model/integration.ts";
import type { SecretRef } from "../../../components/secrets.ts";
import { monitoringFiles, unreachable } from "../../../components/targets/local/monitoring.ts";
import { secretTexts } from "../../../components/targets/local/provider/values.ts";
import { declare } from "../../components/declare.ts";
import { exampleModel } from "../../example-model.ts";

const store: SecretStoreModel = {
  name: "keys",
  given: ["slack"],
  generated: [],
  external: { far: { key: "prod/far" } },
};
const ref = (key: string): SecretRef => ({ store: "keys", key, from: store, value: pulumi.secret("canary") });

function files(told: boolean) {
  const model = exampleModel();
  const url = { store: "keys", key: "slack" };
  if (told)
    model.alerting = alertingSchema.parse({ name: "alerts", notify: { slack: { channel: "#a", url } } });
  const receivers: Record<string, SecretRef> = told ? { slack: ref("slack") } : {};
  return monitoringFiles({ name: "alerts", model, receivers }, "/run/monitoring");
}

test("without anybody to tell, Prometheus has its rules, and there is a dashboard", () => {
  const { prometheus, others } = files(false);
  expect(others.map(({ path }) => path)).toEqual([
    "/run/monitoring/alerts.rules.yml",
    "/run/monitoring/alerts.dashboard.json",
  ]);
  expect(prometheus.path).toBe("/run/monitoring/alerts.prometheus.yml");
  expect(prometheus.content).not.toContain("alertmanagers");
});

test("with somebody to tell, Prometheus has an Alertmanager, and the credential stands in a file of its own", () => {
  const { prometheus, others } = files(true);
  expect(prometheus.content).toContain("127.0.0.1:9093");
  const [credential, alertmanager] = others.slice(2);
  expect(credential).toMatchObject({
    part: "slack",
    path: "/run/monitoring/alerts.slack.secret",
    secret: true,
  });
  expect(alertmanager).toMatchObject({
    part: "alertmanager",
    path: "/run/monitoring/alerts.alertmanager.yml",
  });
  expect(alertmanager?.content).toContain("api_url_file: /run/monitoring/alerts.slack.secret");
  expect(pulumi.Output.isInstance(credential?.content)).toBe(true);
  for (const { content } of [prometheus, ...others.filter((file) => !file.secret)])
    expect(content).not.toContain("canary");
});

test("a credential of an outside store is out of this machine's reach", () => {
  expect(unreachable({ slack: ref("slack"), webhook: ref("far") })).toEqual([
    { property: "notify.webhook.url", reason: 'is "far" of secrets keys, which an outside store keeps' },
  ]);
});

test("in a program, the credential is secret all the way, and Prometheus' configuration comes last", async () => {
  const { find, registered } = await declare(() => {
    const target = mcp.local({ directory: "/run/mcp-infra" });
    const secrets = new mcp.Secrets("keys", { target, values: { slack: pulumi.secret("canary") } });
    const tickets = new mcp.Server("tickets", { target, remote: { url: "https://tickets.example.com/mcp" } });
    const agent = new mcp.Consumer("agent", { uses: [tickets.tool("find")] });
    const gateway = new mcp.Gateway("edge", { target, servers: [tickets], consumers: [agent] });
    const slack = { channel: "#a", url: secrets.ref("slack") };
    new mcp.Alerting("alerts", { gateway, notify: { slack } });
  });
  const credential = find("alerts-slack");
  expect(secretTexts(credential.inputs)).toEqual(["canary"]);
  expect(credential.options.secretOutputs).toEqual(["content"]);
  expect(find("alerts-prometheus").dependsOn).toEqual(
    expect.arrayContaining(["alerts-alertmanager", "alerts-dashboard", "alerts-rules", "alerts-slack"]),
  );
  const others = registered.filter(({ name }) => name !== "alerts-slack");
  expect(JSON.stringify(others)).not.toContain('canary"');
});
