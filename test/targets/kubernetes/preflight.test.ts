import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import {
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  NetworkingV1Api,
  StorageV1Api,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import {
  type Needs,
  preflight,
  stackAnnotation,
} from "../../../components/targets/kubernetes/preflight/index.ts";
import { openApi } from "../../../toolchain/cluster/index.mjs";

const stack = "organization/team/staging";
const image = { reference: `example.com/mcp-infra@sha256:${"0".repeat(64)}` };
const kinds: Needs["kinds"] = [
  { apiVersion: "v1", kind: "Namespace" },
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "apps/v1", kind: "Deployment" },
];

/** A real API server: what is asked is answered by it, for users that its own RBAC knows. */
describe("a preflight", () => {
  let api: Awaited<ReturnType<typeof openApi>>;
  let admin: KubeConfig;
  let kubeconfig: string;
  const silent: Server[] = [];

  beforeAll(async () => {
    api = await openApi();
    kubeconfig = readFileSync(api.kubeconfig, "utf8");
    admin = new KubeConfig();
    admin.loadFromString(kubeconfig);
  });
  afterAll(async () => {
    for (const server of silent) server.close();
    await api?.stop();
  });

  const core = () => admin.makeApiClient(CoreV1Api);
  const find = (settings: object = {}, needs: Partial<Needs> = {}, as = kubeconfig) =>
    preflight({ kubeconfig: as }, kubernetesSchema.parse({ namespace: "support", image, ...settings }), {
      stack,
      kinds,
      ...needs,
    });
  /** The same cluster through a kubeconfig with something changed. */
  const changed = (
    change: (config: { cluster: Record<string, unknown>; user: Record<string, unknown> }) => void,
  ) => {
    const config = JSON.parse(kubeconfig);
    change({ cluster: config.clusters[0].cluster, user: config.users[0].user });
    return JSON.stringify(config);
  };
  const impersonating = (user: string) =>
    changed((config) => {
      config.user.as = user;
    });
  const namespace = (name: string, metadata: object = {}) =>
    core().createNamespace({ body: { metadata: { name, ...metadata } } });

  test("finds nothing wrong where all is well, and does so before anybody gets impatient", async () => {
    expect(await find()).toEqual([]);
    const begun = performance.now();
    expect(await find()).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  describe("of a cluster that can't be asked", () => {
    test.each<[string, Parameters<typeof changed>[0], RegExp]>([
      [
        "nothing listens there",
        ({ cluster }) => {
          cluster.server = "https://127.0.0.1:2";
        },
        /https:\/\/127\.0\.0\.1:2 refuses connections/,
      ],
      [
        "its port is one that HTTP clients avoid",
        ({ cluster }) => {
          cluster.server = "https://127.0.0.1:6000";
        },
        /https:\/\/127\.0\.0\.1:6000 has a port that .* \(bad port\)/,
      ],
      [
        "its name is not known",
        ({ cluster }) => {
          cluster.server = "https://cluster.invalid";
        },
        /cluster\.invalid has a host name that/,
      ],
      [
        "its certificate is of another authority",
        ({ cluster }) => {
          delete cluster["certificate-authority-data"];
        },
        /has a TLS certificate that the kubeconfig's authority did not sign/,
      ],
      [
        "the token is wrong",
        ({ user }) => {
          user.token = "wrong";
        },
        /does not accept the credentials.*HTTP 401/,
      ],
      [
        "the credential plugin is not installed",
        ({ user }) => {
          delete user.token;
          user.exec = { apiVersion: "client.authentication.k8s.io/v1", command: "no-such-plugin" };
        },
        /its credential plugin no-such-plugin is not installed/,
      ],
      [
        "the credential plugin fails",
        ({ user }) => {
          delete user.token;
          user.exec = {
            apiVersion: "client.authentication.k8s.io/v1",
            command: process.execPath,
            args: ["-e", "console.error('session expired, token=abcdefghijklmnop'); process.exit(1)"],
          };
        },
        /no credentials, since the client says "session expired, token=\*\*\*"/,
      ],
      [
        "the certificate's file is gone",
        ({ user }) => {
          delete user.token;
          user["client-certificate"] = "/no/such/certificate";
        },
        /names a file that is not there: \/no\/such\/certificate/,
      ],
    ])("says that %s, and nothing else", async (_, change, reason) => {
      const findings = await find({}, {}, changed(change));
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({ severity: "error", reason: expect.stringMatching(reason) });
      expect(findings[0]?.remediation).not.toBe("");
    });

    test("says that it gives no answer, rather than to wait for it", async () => {
      const server = createServer();
      silent.push(server);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
      const { port } = server.address() as { port: number };
      const findings = await find(
        {},
        {},
        changed(({ cluster }) => {
          cluster.server = `https://127.0.0.1:${port}`;
        }),
      );
      expect(findings.map(({ reason }) => reason)).toEqual([
        expect.stringMatching(/gives no answer in time|does not accept a connection in time/),
      ]);
    }, 30_000);

    test.each([
      ["text that is no kubeconfig", "nothing: [", "is no kubeconfig"],
      ["no context", JSON.stringify({ clusters: [], users: [], contexts: [] }), "has no current context"],
    ])("says that it was handed %s", async (_, text, reason) => {
      const findings = await find({}, {}, text);
      expect(findings.map((finding) => finding.reason)).toEqual([expect.stringContaining(reason)]);
    });

    test("says which contexts there are", async () => {
      const settings = kubernetesSchema.parse({ namespace: "support", image });
      const [finding] = await preflight({ kubeconfig, context: "far" }, settings, { stack, kinds });
      expect(finding?.reason).toBe('the kubeconfig has no context "far"; there is mcp-infra');
    });
  });

  describe("of rights", () => {
    test("names each that is missing, and what it suggests is enough", async () => {
      await namespace("rights");
      const settings = { namespace: "rights", namespacePolicy: "existing" };
      const asJane = impersonating("jane");
      const [finding, ...others] = (await find(settings, {}, asJane)).filter(
        ({ rule }) => rule === "cluster-rights",
      );
      expect(others).toEqual([]);
      expect(finding?.severity).toBe("error");
      expect(finding?.reason).toMatch(/^jane lacks rights for namespace "rights": .*configmaps/);
      expect(finding?.reason).toContain("get, create, patch, delete, list, watch deployments.apps");
      expect(finding?.reason).toContain("get pods/log");
      const manifests = finding?.remediation
        .slice(finding.remediation.indexOf("\n") + 1)
        .replaceAll(/^ {6}/gm, "");
      for (const document of parseAllDocuments(manifests ?? ""))
        await KubernetesObjectApi.makeApiClient(admin).create(document.toJS());
      const left = await find(settings, {}, asJane);
      expect(left.filter(({ rule }) => rule === "cluster-rights")).toEqual([]);
    });

    test("asks for those on the namespace of whoever has to make it", async () => {
      const [finding] = await find({}, {}, impersonating("joe"));
      expect(finding?.reason).toContain("get, create, patch, delete namespaces");
      expect(finding?.remediation).toContain("kind: ClusterRole\n");
    });

    test("only warns where what is missing merely helps", async () => {
      await KubernetesObjectApi.makeApiClient(admin).create({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: "nearly" },
        rules: [
          {
            apiGroups: ["", "apps", "discovery.k8s.io"],
            resources: [
              "namespaces",
              "configmaps",
              "deployments",
              "replicasets",
              "pods",
              "services",
              "events",
              "endpointslices",
              "persistentvolumeclaims",
            ],
            verbs: ["*"],
          },
        ],
      } as object);
      await KubernetesObjectApi.makeApiClient(admin).create({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "nearly" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "nearly" },
        subjects: [{ kind: "User", name: "jill", apiGroup: "rbac.authorization.k8s.io" }],
      } as object);
      expect(await find({}, {}, impersonating("jill"))).toEqual([
        expect.objectContaining({
          rule: "cluster-rights",
          severity: "warning",
          reason: expect.stringContaining("get pods/log; get, create pods/portforward"),
        }),
      ]);
    });
  });

  describe("of a namespace", () => {
    const reasons = async (settings: object, needs: Partial<Needs> = {}) =>
      (await find(settings, needs)).map(({ severity, reason }) => `${severity}: ${reason}`);

    test("that has to exist and doesn't", async () => {
      expect(await reasons({ namespace: "nowhere", namespacePolicy: "existing" })).toEqual([
        'error: there is no namespace "nowhere", and namespacePolicy says "existing"',
      ]);
    });

    test("that somebody else has made", async () => {
      await namespace("taken");
      await namespace("theirs", { annotations: { [stackAnnotation]: "organization/other/prod" } });
      expect(await reasons({ namespace: "taken" })).toEqual([
        'error: there is a namespace "taken" already, made by somebody else',
      ]);
      expect(await reasons({ namespace: "theirs" })).toEqual([
        'error: there is a namespace "theirs" already, of the stack organization/other/prod',
      ]);
    });

    test("that this stack has made", async () => {
      await namespace("ours", { annotations: { [stackAnnotation]: stack } });
      expect(await reasons({ namespace: "ours" })).toEqual([]);
    });

    test("that is being deleted", async () => {
      // Nobody empties it here, as where a finalizer's owner is gone.
      await namespace("leaving", { annotations: { [stackAnnotation]: stack } });
      await core().deleteNamespace({ name: "leaving" });
      expect(await reasons({ namespace: "leaving" })).toEqual([
        'error: the namespace "leaving" is being deleted (waits for kubernetes)',
      ]);
    });

    test("that enforces less than we keep", async () => {
      const label = "pod-security.kubernetes.io/enforce";
      await namespace("loose", { labels: { [label]: "baseline" } });
      await namespace("strict", { labels: { [label]: "restricted" } });
      const existing = (namespace: string) => ({ namespace, namespacePolicy: "existing" });
      expect(await reasons(existing("loose"))).toEqual([
        expect.stringMatching(/^warning: the namespace "loose" enforces Pod Security "baseline"/),
      ]);
      expect(await reasons(existing("strict"))).toEqual([]);
    });

    test.each([
      ["cpu", { cpu: "2500m" }, ["requests.cpu 3", "1 of it are used"]],
      ["memory", { memory: "1.5Gi" }, ["requests.memory 1Gi", "none of it is used by others"]],
      ["pods", { pods: 5 }, ["pods 4", "none of it is used by others"]],
      ["nothing", { cpu: "2", memory: "1Gi", pods: 4 }, undefined],
    ])("whose quota has no room: %s", async (name, claims, words) => {
      const namespaceName = `quota-${name}`;
      await namespace(namespaceName, { labels: { "pod-security.kubernetes.io/enforce": "restricted" } });
      const hard = { "requests.cpu": "3", "requests.memory": "1Gi", pods: "4" };
      const quota = await core().createNamespacedResourceQuota({
        namespace: namespaceName,
        body: { metadata: { name: "team" }, spec: { hard } },
      });
      await core().replaceNamespacedResourceQuotaStatus({
        namespace: namespaceName,
        name: "team",
        body: {
          ...quota,
          status: { hard, used: { "requests.cpu": "1", "requests.memory": "0", pods: "0" } },
        },
      });
      const found = await reasons({ namespace: namespaceName, namespacePolicy: "existing" }, { claims });
      expect(found).toHaveLength(words ? 1 : 0);
      for (const word of words ?? []) expect(found[0]).toContain(word);
    });
  });

  describe("of what operators bring", () => {
    const settings = {
      secretStore: { name: "vault" },
      expose: {
        host: "mcp.example.com",
        gatewayApi: { gateway: "public", namespace: "edge" },
        certificate: { issuer: "letsencrypt" },
      },
    };
    const monitored = [
      ...kinds,
      { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule" },
      { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret" },
    ];
    const said = async (change: object = {}) =>
      (await find({ ...settings, ...change }, { kinds: monitored })).map(
        ({ path, reason }) => `${path}: ${reason}`,
      );

    const define = async (group: string, versions: string[], plural: string, kind: string, scope: string) => {
      const schema = { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } };
      await admin.makeApiClient(ApiextensionsV1Api).createCustomResourceDefinition({
        body: {
          metadata: {
            name: `${plural}.${group}`,
            annotations: {
              "api-approved.kubernetes.io": "https://github.com/kubernetes/kubernetes/pull/1111",
            },
          },
          spec: {
            group,
            scope,
            names: { plural, kind, singular: kind.toLowerCase() },
            versions: versions.map((name, index) => ({ name, served: true, storage: index === 0, schema })),
          },
        },
      });
    };
    const custom = () => admin.makeApiClient(CustomObjectsApi);

    test("says what is missing, and of whom", async () => {
      expect(await said()).toEqual([
        "kubernetes: monitoring: the cluster has no monitoring.coreos.com/v1 PrometheusRule",
        "kubernetes: secretStore: the cluster has no external-secrets.io/v1 ExternalSecret, ClusterSecretStore",
        "kubernetes: expose.gatewayApi: the cluster has no gateway.networking.k8s.io/v1 Gateway",
        "kubernetes: expose.certificate: the cluster has no cert-manager.io/v1 ClusterIssuer",
      ]);
      const findings = await find(settings, { kinds: monitored });
      expect(findings.map(({ remediation }) => remediation).join("\n")).toMatch(
        /Prometheus Operator.*\n.*External Secrets Operator.*\n.*Gateway API.*\n.*cert-manager/,
      );
    });

    test("says which version there is in place of the one that is needed", async () => {
      await define("external-secrets.io", ["v1beta1"], "externalsecrets", "ExternalSecret", "Namespaced");
      await settled();
      expect(await said()).toContain(
        "kubernetes: secretStore: the cluster has no external-secrets.io/v1 ExternalSecret, ClusterSecretStore; of external-secrets.io it has v1beta1",
      );
    });

    test("says what is not there of what is named, and what does not work", async () => {
      await define("monitoring.coreos.com", ["v1"], "prometheusrules", "PrometheusRule", "Namespaced");
      await define("external-secrets.io", ["v1"], "clustersecretstores", "ClusterSecretStore", "Cluster");
      await define("gateway.networking.k8s.io", ["v1"], "gateways", "Gateway", "Namespaced");
      await define("cert-manager.io", ["v1"], "clusterissuers", "ClusterIssuer", "Cluster");
      await settled();
      const store = { group: "external-secrets.io", version: "v1", plural: "clustersecretstores" };
      const gateway = { group: "gateway.networking.k8s.io", version: "v1", plural: "gateways" };
      const issuer = { group: "cert-manager.io", version: "v1", plural: "clusterissuers" };
      expect(await said()).toEqual([
        "kubernetes: secretStore: the cluster has no external-secrets.io/v1 ExternalSecret; of external-secrets.io it has v1beta1",
        'kubernetes: secretStore: there is no ClusterSecretStore "vault" in the cluster',
        'kubernetes: expose.gatewayApi: there is no Gateway "public" in namespace "edge"',
        'kubernetes: expose.certificate: there is no ClusterIssuer "letsencrypt" in the cluster',
      ]);

      const condition = (message: string) => ({ conditions: [{ type: "Ready", status: "False", message }] });
      const object = (of: { group: string; version: string }, kind: string, name: string, rest: object) => ({
        apiVersion: `${of.group}/${of.version}`,
        kind,
        metadata: { name },
        ...rest,
      });
      await namespace("edge");
      await custom().createClusterCustomObject({
        ...store,
        body: object(store, "ClusterSecretStore", "vault", {
          status: condition("permission denied by Vault"),
        }),
      });
      await custom().createClusterCustomObject({
        ...issuer,
        body: object(issuer, "ClusterIssuer", "letsencrypt", {
          status: condition("the account key is gone"),
        }),
      });
      const listeners = [
        { name: "web", hostname: "*.example.com" },
        { name: "internal", hostname: "mcp.internal", allowedRoutes: { namespaces: { from: "All" } } },
      ];
      await custom().createNamespacedCustomObject({
        ...gateway,
        namespace: "edge",
        body: object(gateway, "Gateway", "public", { spec: { listeners } }),
      });
      expect((await said()).slice(1)).toEqual([
        'kubernetes: secretStore: the ClusterSecretStore "vault" is not ready: permission denied by Vault',
        'kubernetes: expose.gatewayApi: the Gateway "public" takes routes from its own namespace "edge" only',
        'kubernetes: expose.certificate: the ClusterIssuer "letsencrypt" is not ready: the account key is gone',
      ]);
      const through = (host: string, sectionName?: string) =>
        said({ expose: { host, gatewayApi: { gateway: "public", namespace: "edge", sectionName } } });
      expect(await through("mcp.example.com", "websecure")).toContain(
        'kubernetes: expose.gatewayApi.sectionName: the Gateway "public" has no listener "websecure"; there is web, internal',
      );
      expect(await through("mcp.example.org")).toContain(
        'kubernetes: expose.host: no listener of the Gateway "public" takes the host mcp.example.org; they take *.example.com, mcp.internal',
      );
      expect((await through("mcp.internal")).join("\n")).not.toContain("expose");
    });

    /** The API server serves a new kind a moment after it has taken it. */
    const settled = () => new Promise((resolve) => setTimeout(resolve, 2_500));
  });

  test("names the ingress classes that there are", async () => {
    const expose = { host: "mcp.example.com", ingress: { className: "nginx", namespace: "ingress" } };
    expect((await find({ expose })).map(({ reason }) => reason)).toEqual([
      'there is no ingress class "nginx"; there is none: no ingress controller is installed',
    ]);
    await admin.makeApiClient(NetworkingV1Api).createIngressClass({
      body: { metadata: { name: "traefik" }, spec: { controller: "traefik.io/ingress-controller" } },
    });
    expect((await find({ expose })).map(({ reason }) => reason)).toEqual([
      'there is no ingress class "nginx"; there is traefik',
    ]);
    expect(
      await find({ expose: { ...expose, ingress: { ...expose.ingress, className: "traefik" } } }),
    ).toEqual([]);
  });

  test("wants a storage class only where there is storage", async () => {
    const needs = { kinds: [...kinds, { apiVersion: "v1", kind: "PersistentVolumeClaim" }] };
    const reasons = async (settings: object) => (await find(settings, needs)).map(({ reason }) => reason);
    expect(await find({ storage: { className: "fast" } })).toEqual([]);
    expect(await reasons({})).toEqual([
      "servers have storage and the cluster has no default storage class; there is none",
    ]);
    await admin.makeApiClient(StorageV1Api).createStorageClass({
      body: {
        metadata: { name: "slow", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        provisioner: "example.com/slow",
      },
    });
    expect(await reasons({})).toEqual([]);
    expect(await reasons({ storage: { className: "fast" } })).toEqual([
      'there is no storage class "fast"; there is slow',
    ]);
  });
});
