import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, test, vi } from "vitest";
import * as mcp from "../../../components/index.ts";
import { preflight } from "../../../components/targets/kubernetes/preflight/index.ts";
import { declare, known } from "../../components/declare.ts";

// What it asks a cluster is tested where there is one.
vi.mock(import("../../../components/targets/kubernetes/preflight/index.ts"), async (original) => ({
  ...(await original()),
  preflight: vi.fn(async () => []),
}));
beforeEach(() => void vi.mocked(preflight).mockClear());

const image = `registry.example.com/a@sha256:${"0".repeat(64)}`;
const targetOf = (given: Partial<mcp.KubernetesArgs> = {}) =>
  mcp.kubernetes({ namespace: "support", image: { reference: image }, ...given });
const serverOn = (target: mcp.Target, name = "notes") =>
  new mcp.Server(name, { target, http: { image, port: 3001 } });
const gatewayOn = (target: mcp.Target) => {
  const notes = serverOn(target);
  const reader = new mcp.Consumer("reader", { identity: { scope: "r" }, uses: [notes.tool("search")] });
  return new mcp.Gateway("edge", {
    target,
    servers: [notes],
    consumers: [reader],
    resilience: { timeout: "10s" },
  });
};
const ingress = { className: "nginx", namespace: "ingress-nginx" };
const revisionWith = async (given: Partial<mcp.KubernetesArgs>) => {
  const { result } = await declare(() => gatewayOn(targetOf(given)));
  return known(result.revision);
};

test("another way to the gateway is one that the smoke test has to prove anew", async () => {
  const inside = await revisionWith({});
  const one = await revisionWith({ expose: { host: "one.example.com", ingress } });
  const another = await revisionWith({ expose: { host: "another.example.com", ingress } });
  expect(await revisionWith({})).toBe(inside);
  expect(new Set([inside, one, another]).size).toBe(3);
});

test("a namespace of one name may be in each of several clusters", async () => {
  const { registered } = await declare(() => {
    serverOn(targetOf({ context: "east" }), "notes-east");
    serverOn(targetOf({ context: "west" }), "notes-west");
  });
  const keys = registered.map(({ type, name, parent }) => `${type} ${parent} ${name}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  const namespaces = registered.filter(({ type }) => type === "kubernetes:core/v1:Namespace");
  expect(namespaces.map(({ inputs }) => inputs.metadata)).toMatchObject([
    { name: "support" },
    { name: "support" },
  ]);
});

test("a cluster that the same program makes is not asked before it is there", async () => {
  const { find } = await declare(
    () => {
      const maker = new k8s.core.v1.ConfigMap("cluster");
      serverOn(targetOf({ kubeconfig: pulumi.interpolate`${maker.id}` }));
    },
    { preview: true },
  );
  expect(preflight).not.toHaveBeenCalled();
  expect(find("support").type).toBeDefined();
});

test("a kubeconfig is a secret, whatever it is handed in as", async () => {
  const { registered } = await declare(() => serverOn(targetOf({ kubeconfig: "a: canary" })));
  const provider = registered.find(({ type }) => type === "pulumi:providers:kubernetes");
  const marked = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
  expect(provider?.inputs.kubeconfig).toMatchObject(marked);
});

test("a gateway that keeps users' tokens has one pod with a volume, which the next one waits for", async () => {
  const { find, registered } = await declare(() => {
    const target = targetOf();
    const secrets = new mcp.Secrets("vault", { target, generate: ["key"] });
    const notes = serverOn(target);
    return new mcp.Gateway("edge", {
      target,
      servers: [notes],
      consumers: [new mcp.Consumer("reader", { identity: { scope: "r" }, uses: [notes.tool("search")] })],
      userTokens: { key: secrets.ref("key") },
      resilience: { timeout: "10s" },
    });
  });
  expect(
    registered.find(({ type, name }) => type.endsWith("PersistentVolumeClaim") && name === "edge"),
  ).toBeDefined();
  const deployment = registered.find(({ type, name }) => type.endsWith(":Deployment") && name === "edge");
  const container = expect.objectContaining({
    env: [
      expect.objectContaining({
        name: "MCP_USER_TOKENS_KEY",
        valueFrom: { secretKeyRef: expect.objectContaining({ name: "edge-secrets-1a2b" }) },
      }),
    ],
    volumeMounts: expect.arrayContaining([{ name: "data", mountPath: "/data" }]),
  });
  const volumes = expect.arrayContaining([expect.objectContaining({ name: "data" })]);
  expect(deployment?.inputs.spec).toMatchObject({
    replicas: 1,
    strategy: { type: "Recreate" },
    template: { spec: { containers: [container], volumes } },
  });
  expect(JSON.stringify(find("edge-config").inputs)).toContain("/data/user-tokens");
});
