import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type AlertingModel, alertingSchema } from "../../components/model/integration.ts";
import { alertmanagerFile } from "../../components/views/alertmanager.ts";
import { tiers } from "../../components/views/notifications.ts";
import { exampleModel } from "../example-model.ts";
import { findTool, runTool } from "./debian-tool.ts";
import { inDirectory } from "./promtool-scenario.ts";

const amtool = { name: "amtool", package: "prometheus-alertmanager" };

type Notify = NonNullable<AlertingModel["notify"]>;

const secret = (key: string) => ({ store: "vault", key });
const slack = { channel: "#mcp-alerts", url: secret("slack") };
const pagerDuty = { routingKey: secret("pager") };
const webhook = { url: secret("hook") };

const variants: [string, Notify][] = [
  ["slack", { slack }],
  ["pagerDuty", { pagerDuty }],
  ["webhook", { webhook }],
  ["slack and pagerDuty", { slack, pagerDuty }],
  ["all of them", { slack, pagerDuty, webhook }],
];

const files = { slack: "slack.secret", pagerDuty: "pagerDuty.secret", webhook: "webhook.secret" };

function configured(notify: Notify): string {
  const model = exampleModel();
  model.alerting = alertingSchema.parse({ name: "alerts", notify });
  return alertmanagerFile(model, files) ?? "";
}

// The first run on a machine downloads amtool.
beforeAll(() => {
  findTool(amtool);
}, 300_000);

describe("amtool accepts what is generated", () => {
  it.each(variants)("for %s", async (_, notify) => {
    const { exitCode, output } = await inDirectory(async (directory) => {
      // Debian 12 has Alertmanager 0.25, which doesn't know the file of a webhook's URL yet; the rest it can judge.
      const { output: version } = await runTool(amtool, directory, "--version");
      const known = configured(notify).replaceAll(
        /^0\.2[0-5]\./.test(/version (\S+)/.exec(version)?.[1] ?? "") ? /url_file: webhook.secret/g : /^$/g,
        "url: https://hooks.example.com",
      );
      await writeFile(join(directory, "alertmanager.yml"), known);
      return runTool(amtool, directory, "check-config", "alertmanager.yml");
    });
    expect(exitCode, output).toBe(0);
  });
});

describe("who is told", () => {
  it.each<[string, Notify, { page: string[]; ticket: string[] }]>([
    ["slack alone", { slack }, { page: ["slack"], ticket: ["slack"] }],
    ["pagerDuty alone", { pagerDuty }, { page: ["pagerDuty"], ticket: ["pagerDuty"] }],
    [
      "all of them",
      { slack, pagerDuty, webhook },
      { page: ["slack", "pagerDuty", "webhook"], ticket: ["slack", "webhook"] },
    ],
  ])("a ticket wakes nobody up where somebody else is told: %s", (_, notify, expected) => {
    const { page, ticket } = tiers(notify);
    expect({ page: page.told, ticket: ticket.told }).toEqual(expected);
  });

  it("is nobody without notify", () => {
    expect(alertmanagerFile(exampleModel(), {})).toBeUndefined();
  });

  it("is routed by severity, with credentials by file", () => {
    const config = parse(configured({ slack, pagerDuty, webhook }));
    expect(config).toMatchObject({
      route: {
        receiver: "ticket",
        group_by: ["gateway", "alertname"],
        routes: [{ receiver: "page", matchers: ['severity="page"'] }],
      },
      receivers: [
        {
          name: "page",
          slack_configs: [{ api_url_file: "slack.secret", channel: "#mcp-alerts", send_resolved: true }],
          pagerduty_configs: [{ routing_key_file: "pagerDuty.secret", severity: "critical" }],
          webhook_configs: [{ url_file: "webhook.secret" }],
        },
        { name: "ticket" },
      ],
    });
    expect(config.receivers[1]).not.toHaveProperty("pagerduty_configs");
  });
});
