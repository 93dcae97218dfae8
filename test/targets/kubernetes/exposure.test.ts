import { describe, expect, test } from "vitest";
import { Declaration } from "../../../components/declaration.ts";
import { gatewaySchema, serverSchema } from "../../../components/model/index.ts";
import { type KubernetesArgs, kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import {
  type ExposureRequest,
  exposeGateway,
  exposureOf,
  exposureSources,
} from "../../../components/targets/kubernetes/exposure.ts";
import { type KindName, maker } from "../../../components/targets/kubernetes/make.ts";
import { declare } from "../../components/declare.ts";

type Expose = KubernetesArgs["expose"];

const host = "mcp.example.com";
const gatewayApi = { gateway: "public", namespace: "gateways" };
const ingress = { className: "nginx", namespace: "ingress-nginx" };
const certificate = { issuer: "letsencrypt" };

const settingsOf = (expose?: Expose) =>
  kubernetesSchema.parse({
    namespace: "support",
    image: { reference: `registry.example.com/mcp-infra@sha256:${"0".repeat(64)}` },
    ...(expose && { expose }),
  });
type Model = ExposureRequest["model"];
const exposed = (expose?: Expose, model: Model = { servers: [] }) =>
  exposureOf({ name: "edge", port: 7400, model, settings: settingsOf(expose) }) as Record<
    string,
    { metadata: { annotations?: object }; spec: Record<string, unknown> } | undefined
  >;

describe("what there is", () => {
  test.each<[string, Expose, string[], string[]]>([
    ["nothing declared", undefined, [], []],
    ["a Gateway", { host, gatewayApi }, ["route"], ["gateways"]],
    [
      "a Gateway, and a certificate for its listener",
      { host, gatewayApi, certificate },
      ["certificate", "grant", "route"],
      ["gateways"],
    ],
    ["an Ingress", { host, ingress }, ["ingress"], ["ingress-nginx"]],
    [
      "an Ingress with a certificate",
      { host, ingress, certificate },
      ["certificate", "ingress"],
      ["ingress-nginx"],
    ],
  ])("with %s", (_, expose, parts, sources) => {
    expect(Object.keys(exposed(expose)).sort()).toEqual(parts);
    expect(exposureSources(settingsOf(expose))).toEqual(sources);
  });
});

describe("beside /mcp", () => {
  const jwt = gatewaySchema.parse({
    name: "edge",
    auth: { issuers: [{ issuer: "https://login.example.com" }] },
  });
  const perUser = { issuer: "https://files.example.com", clientId: "edge" };
  const files = serverSchema.parse({
    name: "files",
    remote: { url: "https://files.example.com/mcp", auth: { perUser } },
  });

  test.each<[string, Model, string[]]>([
    ["nothing is shown of a gateway with tokens of its own", { servers: [] }, ["/mcp"]],
    [
      "clients find whose tokens are taken",
      { gateway: jwt, servers: [] },
      ["/mcp", "/.well-known/oauth-protected-resource*"],
    ],
    [
      "people consent to what is done in their name",
      { gateway: jwt, servers: [files] },
      ["/mcp", "/.well-known/oauth-protected-resource*", "/connect*", "/oauth/callback*"],
    ],
  ])("%s, by a route as by an Ingress", (_, model, paths) => {
    const route = exposed({ host, gatewayApi }, model).route?.spec as {
      rules: [{ matches: { path: { type: string; value: string } }[] }];
    };
    expect(
      route.rules[0].matches.map(({ path: { type, value } }) => `${value}${type === "Exact" ? "" : "*"}`),
    ).toEqual(paths);
    const entry = exposed({ host, ingress }, model).ingress?.spec as {
      rules: [{ http: { paths: { path: string; pathType: string }[] } }];
    };
    expect(
      entry.rules[0].http.paths.map(({ path, pathType }) => `${path}${pathType === "Exact" ? "" : "*"}`),
    ).toEqual(paths);
  });
});

describe("a route", () => {
  const spec = (change: Partial<typeof gatewayApi & { sectionName: string }> = {}) =>
    exposed({ host, gatewayApi: { ...gatewayApi, ...change } }).route?.spec;

  test("shows /mcp and nothing else, and cuts no stream", () => {
    expect(spec()).toMatchObject({
      hostnames: [host],
      rules: [
        {
          matches: [{ path: { type: "Exact", value: "/mcp" } }],
          backendRefs: [{ kind: "Service", name: "edge", port: 7400 }],
          timeouts: { request: "0s" },
        },
      ],
    });
  });

  test("attaches to the listener that is named, else to those of HTTPS alone", () => {
    expect(spec({ sectionName: "mcp" })?.parentRefs).toMatchObject([
      { name: "public", namespace: "gateways", sectionName: "mcp" },
    ]);
    expect(spec()?.parentRefs).toMatchObject([{ name: "public", namespace: "gateways", port: 443 }]);
  });
});

describe("an Ingress", () => {
  test("shows /mcp and nothing else, with TLS, and passes streams on", () => {
    const { ingress: made } = exposed({ host, ingress, certificate });
    expect(made?.spec).toMatchObject({
      ingressClassName: "nginx",
      tls: [{ hosts: [host], secretName: "edge-tls" }],
      rules: [{ host, http: { paths: [{ path: "/mcp", pathType: "Exact" }] } }],
    });
    expect(made?.metadata.annotations).toMatchObject({
      "nginx.ingress.kubernetes.io/proxy-buffering": "off",
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    });
  });

  test("has the controller's default certificate where none is declared, and the annotations that are given", () => {
    const annotations = { "example.com/streams": "yes" };
    const { ingress: made } = exposed({ host, ingress: { ...ingress, annotations } });
    expect(made?.spec.tls).toEqual([{ hosts: [host] }]);
    expect(made?.metadata.annotations).toEqual(annotations);
  });
});

test("a certificate is for the host, by the issuer, in the secret that the endpoint takes", () => {
  expect(exposed({ host, gatewayApi, certificate }).certificate?.spec).toMatchObject({
    secretName: "edge-tls",
    dnsNames: [host],
    issuerRef: { name: "letsencrypt", kind: "ClusterIssuer" },
  });
  const local = { issuer: "own", kind: "Issuer" as const };
  expect(exposed({ host, ingress, certificate: local }).certificate?.spec.issuerRef).toMatchObject({
    kind: "Issuer",
  });
});

test("the Gateway's namespace may read that one secret", () => {
  expect(exposed({ host, gatewayApi, certificate }).grant?.spec).toEqual({
    from: [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "gateways" }],
    to: [{ group: "", kind: "Secret", name: "edge-tls" }],
  });
});

test("each is a resource of its kind, which the target hears of", async () => {
  const kinds: KindName[] = [];
  const make = maker(new Declaration(), (kind) => kinds.push(kind));
  const settings = settingsOf({ host, gatewayApi, certificate });
  const { registered } = await declare(() =>
    exposeGateway(make, { name: "edge", port: 7400, model: { servers: [] }, settings }, {}),
  );
  expect(registered.map(({ type, name }) => [name, type]).sort()).toEqual([
    ["edge-certificate", "kubernetes:cert-manager.io/v1:Certificate"],
    ["edge-certificate-grant", "kubernetes:gateway.networking.k8s.io/v1beta1:ReferenceGrant"],
    ["edge-route", "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute"],
  ]);
  for (const { inputs, type } of registered)
    expect(`kubernetes:${inputs.apiVersion}:${inputs.kind}`).toBe(type);
  expect(kinds.map(({ kind }) => kind)).toEqual(["Certificate", "ReferenceGrant", "HTTPRoute"]);
});
