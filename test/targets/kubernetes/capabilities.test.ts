import { describe, expect, test } from "vitest";
import type { IntegrationModel } from "../../../components/model/index.ts";
import { check } from "../../../components/rules/rule.ts";
import { kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import { kubernetesCapabilities } from "../../../components/targets/kubernetes/capabilities.ts";
import { exampleModel } from "../../example-model.ts";

const filesystem = "npm:@modelcontextprotocol/server-filesystem@2026.8.31";
const image = `registry.example.com/a@sha256:${"0".repeat(64)}`;

const findings = (change: (model: IntegrationModel) => void, settings: Record<string, unknown> = {}) => {
  const model = { ...exampleModel(), target: "kubernetes" };
  change(model);
  const parsed = kubernetesSchema.parse({
    namespace: "support",
    image: { reference: image, packages: [filesystem] },
    ...settings,
  });
  return check(kubernetesCapabilities(parsed), model);
};

const serverOf = ({ servers }: IntegrationModel, name: string) => {
  const found = servers.find((server) => server.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found;
};
const external = { githubToken: { key: "prod/github" } };
const outside = (model: IntegrationModel) =>
  Object.assign(model.secrets[0] ?? {}, { given: ["ticketsKey"], external });

describe("Kubernetes", () => {
  test("runs what it can: a package of its image, an image, what is elsewhere", () => {
    expect(findings(() => {})).toEqual([]);
  });

  test.each<[string, string, (model: IntegrationModel) => void, string]>([
    [
      "kubernetes-no-local-commands",
      "a command of a stdio server",
      (model) => Object.assign(serverOf(model, "notes"), { stdio: { command: "/opt/notes", args: [] } }),
      "server notes: stdio.command",
    ],
    [
      "kubernetes-no-local-commands",
      "a command of an HTTP server",
      (model) =>
        Object.assign(serverOf(model, "github").http ?? {}, { image: undefined, command: "github-mcp" }),
      "server github: http.command",
    ],
    [
      "kubernetes-stdio-image-command",
      "an image of a stdio server alone",
      (model) => Object.assign(serverOf(model, "notes"), { stdio: { image, args: [] } }),
      "server notes: stdio.command",
    ],
    [
      "kubernetes-package-in-image",
      "a package of another version",
      (model) =>
        Object.assign(serverOf(model, "notes"), {
          stdio: { package: "npm:@modelcontextprotocol/server-filesystem@2026.9.1", args: [] },
        }),
      "server notes: stdio.package",
    ],
    [
      "kubernetes-user-tokens-single-replica",
      "users' tokens that are to be kept by several pods",
      ({ gateway }) =>
        Object.assign(gateway ?? {}, {
          userTokens: { key: { store: "vault", key: "ticketsKey" } },
          replicas: 2,
        }),
      "gateway edge: replicas",
    ],
    [
      "kubernetes-secret-store",
      "an outside secret of the gateway's own without a store",
      (model) => {
        outside(model);
        serverOf(model, "github").env = {};
        Object.assign(model.gateway ?? {}, { userTokens: { key: { store: "vault", key: "githubToken" } } });
      },
      "gateway edge: userTokens.key",
    ],
    [
      "kubernetes-secret-store",
      "an outside secret without a store",
      outside,
      "server github: env.GITHUB_TOKEN",
    ],
    [
      "kubernetes-storage-single-replica",
      "data of several replicas",
      (model) => Object.assign(serverOf(model, "github"), { storage: true }),
      "server github: replicas",
    ],
    [
      "kubernetes-storage-single-replica",
      "data of several replicas under load",
      (model) =>
        Object.assign(serverOf(model, "github"), {
          storage: true,
          replicas: 1,
          autoscale: { max: 2, cpu: 0.7 },
        }),
      "server github: autoscale.max",
    ],
    [
      "kubernetes-listen",
      "an address of a gateway",
      (model) => Object.assign(model.gateway?.listen ?? {}, { host: "0.0.0.0" }),
      "gateway edge: listen.host",
    ],
  ])("%s: has no %s", (rule, _, change, path) => {
    const found = findings(change);
    expect(found).toMatchObject([{ rule, path, severity: "error" }]);
    expect(found[0]?.remediation).toMatch(/\S/);
  });

  test("warns of a server whose pods end before the gateway's longest call", () => {
    const allows = (timeout: number) => (model: IntegrationModel) => {
      Object.assign(model.gateway ?? {}, { resilience: { timeout } });
    };
    expect(findings(allows(60_000))).toEqual([]);
    expect(findings(allows(300_000))).toMatchObject([
      { rule: "kubernetes-drain", path: "server notes: timeout", severity: "warning" },
    ]);
  });

  test("says which packages the image has", () => {
    const change = (model: IntegrationModel) =>
      Object.assign(serverOf(model, "notes"), { stdio: { package: "npm:b@1.0.0", args: [] } });
    expect(findings(change)[0]?.reason).toContain(filesystem);
    expect(findings(change, { image: { reference: image } })[0]?.reason).toContain("no package");
  });

  test.each<[string, (model: IntegrationModel) => void, Record<string, unknown>]>([
    ["an outside secret with its store", outside, { secretStore: { name: "vault" } }],
    [
      "an image of a stdio server with its command",
      (model) => Object.assign(serverOf(model, "notes"), { stdio: { image, command: "notes", args: [] } }),
      {},
    ],
    [
      "any loopback address of a gateway, the default",
      (model) => Object.assign(model.gateway?.listen ?? {}, { host: "::1" }),
      {},
    ],
  ])("lets pass %s", (_, change, settings) => {
    expect(findings(change, settings)).toEqual([]);
  });
});
