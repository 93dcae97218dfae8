import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { alertingSchema, type SecretStoreModel } from "../../../components/model/integration.ts";
import type { SecretRef } from "../../../components/secrets.ts";
import { monitoringFiles, unreachable } from "../../../components/targets/local/monitoring.ts";
import { alertRules } from "../../../components/views/alert-rules.ts";
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
  return monitoringFiles({ name: "alerts", model, rules: alertRules(model), receivers }, "/run/monitoring");
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
