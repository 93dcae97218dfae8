import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Declaration } from "../../../components/declaration.ts";
import {
  type AlertingModel,
  alertingSchema,
  type IntegrationModel,
  type SecretStoreModel,
} from "../../../components/model/integration.ts";
import { type KubernetesArgs, kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import { exposeGateway } from "../../../components/targets/kubernetes/exposure.ts";
import { type Make, maker } from "../../../components/targets/kubernetes/make.ts";
import { monitor } from "../../../components/targets/kubernetes/monitoring/index.ts";
import { plain } from "../../../components/targets/local/provider/values.ts";
import { installCrds, openApi } from "../../../toolchain/cluster/index.mjs";
import { Cluster } from "../../../toolchain/kubernetes-provider/cluster.ts";
import { type KubernetesObject, objectOf } from "../../../toolchain/kubernetes-provider/objects.ts";
import { readSettings } from "../../../toolchain/kubernetes-provider/settings.ts";
import { declare } from "../../components/declare.ts";
import { exampleModel } from "../../example-model.ts";

const namespace = "support";
const host = "mcp.example.com";
const gatewayApi = { gateway: "public", namespace: "gateways" };
const ingress = { className: "nginx", namespace: "ingress-nginx" };
const certificate = { issuer: "letsencrypt" };

const settingsOf = (more: Partial<KubernetesArgs>) =>
  kubernetesSchema.parse({
    namespace,
    image: { reference: `registry.example.com/mcp-infra@sha256:${"0".repeat(64)}` },
    secretStore: { name: "vault" },
    monitoring: { labels: { release: "prometheus" } },
    ...more,
  });

/** What a part of the target registers, as it goes to the cluster. */
async function manifestsOf(part: (make: Make) => unknown): Promise<KubernetesObject[]> {
  const { registered } = await declare(() => part(maker(new Declaration(), () => {})));
  return registered.map(({ name, inputs }) => {
    const manifest = objectOf(plain(inputs) as Record<string, unknown>);
    // As the provider would name it.
    return {
      ...manifest,
      metadata: { ...manifest.metadata, name: manifest.metadata.name ?? `${name}-1a2b` },
    };
  });
}

const exposed = (expose: KubernetesArgs["expose"]) =>
  manifestsOf((make) =>
    exposeGateway(
      make,
      {
        name: "edge",
        port: 7400,
        model: { servers: [] },
        settings: settingsOf({ ...(expose && { expose }) }),
      },
      {},
    ),
  );

function monitored(notify: AlertingModel["notify"], more: Partial<KubernetesArgs> = {}, change = {}) {
  const store: SecretStoreModel = {
    name: "keys",
    given: ["slack", "pagerDuty"],
    generated: [],
    external: { webhook: { key: "prod/hook", property: "url", version: "1" } },
  };
  const ref = (key: string) => ({ store: "keys", key, from: store, value: pulumi.secret("value") });
  const model: IntegrationModel = {
    ...exampleModel(),
    target: "kubernetes",
    alerting: alertingSchema.parse({ name: "alerts", ...(notify && { notify }) }),
    ...change,
  };
  const receivers = Object.fromEntries(Object.keys(notify ?? {}).map((told) => [told, ref(told)]));
  return manifestsOf((make) => monitor(make, { name: "alerts", model, receivers }, settingsOf(more), {}));
}

const secret = (key: string) => ({ store: "keys", key });
const slack = { channel: "#mcp-alerts", url: secret("slack") };
const pagerDuty = { routingKey: secret("pagerDuty") };
const webhook = { url: secret("webhook") };

let cluster: Cluster;
let stop = async () => {};

/** What a real API server makes of a manifest as it is, without keeping it. */
const apply = (manifest: KubernetesObject) =>
  cluster.apply(manifest, { fieldManager: "mcp-infra-test", force: true, dryRun: true });

// The first run on a machine builds the API server and downloads the operators' definitions.
beforeAll(async () => {
  const api = await openApi();
  stop = api.stop;
  await installCrds(api.kubeconfig);
  cluster = new Cluster(
    readSettings(new Map([["kubernetes:config:kubeconfig", api.kubeconfig]])),
    new AbortController().signal,
  );
  const home = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await cluster.apply(home, { fieldManager: "mcp-infra-test", force: true, dryRun: false });
}, 1_800_000);

afterAll(() => stop(), 60_000);

describe("a real API server takes", () => {
  test.each<[string, () => Promise<KubernetesObject[]>, string[]]>([
    ["a route", () => exposed({ host, gatewayApi }), ["HTTPRoute"]],
    [
      "a route to a named listener, with its certificate",
      () => exposed({ host, gatewayApi: { ...gatewayApi, sectionName: "mcp" }, certificate }),
      ["Certificate", "HTTPRoute", "ReferenceGrant"],
    ],
    ["an Ingress", () => exposed({ host, ingress }), ["Ingress"]],
    [
      "an Ingress with a certificate of the namespace's own issuer",
      () => exposed({ host, ingress, certificate: { ...certificate, kind: "Issuer" } }),
      ["Certificate", "Ingress"],
    ],
    [
      "monitoring that tells nobody",
      () => monitored(undefined),
      ["ConfigMap", "PrometheusRule", "ServiceMonitor"],
    ],
    [
      "monitoring of an endpoint with a certificate",
      () => monitored(undefined, { expose: { host, ingress, certificate } }),
      ["ConfigMap", "PrometheusRule", "ServiceMonitor"],
    ],
    [
      "monitoring without objectives, smoke test and servers",
      () =>
        monitored(
          undefined,
          {},
          {
            servers: [],
            smokeTest: undefined,
            gateway: { ...exampleModel().gateway, objectives: undefined },
          },
        ),
      ["ConfigMap", "PrometheusRule", "ServiceMonitor"],
    ],
    [
      "monitoring that tells Slack",
      () => monitored({ slack }),
      ["AlertmanagerConfig", "ConfigMap", "PrometheusRule", "Secret", "ServiceMonitor"],
    ],
    [
      "monitoring that tells PagerDuty",
      () => monitored({ pagerDuty }),
      ["AlertmanagerConfig", "ConfigMap", "PrometheusRule", "Secret", "ServiceMonitor"],
    ],
    [
      "monitoring that tells everybody, one by an outside store's secret",
      () => monitored({ slack, pagerDuty, webhook }),
      ["AlertmanagerConfig", "ConfigMap", "ExternalSecret", "PrometheusRule", "Secret", "ServiceMonitor"],
    ],
  ])("%s", async (_, manifests, kinds) => {
    const all = await manifests();
    expect(all.map(({ kind }) => kind).sort()).toEqual(kinds);
    for (const manifest of all)
      expect(await apply(manifest)).toMatchObject({
        kind: manifest.kind,
        // What it keeps is what was said: nothing was pruned, and no default differs.
        ...(manifest.spec !== undefined && { spec: manifest.spec }),
      });
  });
});

test("and refuses a field that there isn't, so that the above proves something", async () => {
  const manifests = [
    ...(await exposed({ host, gatewayApi, certificate })),
    ...(await exposed({ host, ingress })),
    ...(await monitored({ slack, webhook })),
  ];
  for (const manifest of manifests) {
    const part = manifest.spec ? "spec" : "metadata";
    const wrong = { ...manifest, [part]: { ...(manifest[part] as object), misspelled: true } };
    await expect(apply(wrong), manifest.kind).rejects.toThrow(/misspelled/);
  }
});
