import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { V1Namespace, V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { debianEnvironment, findDebianPrograms } from "../../toolchain/cluster/debian.mjs";
import { type NetworkPolicy, nodeRuleset, type PolicySpec } from "../../toolchain/cluster/network-policy.mjs";

const isRoot = process.platform === "linux" && process.getuid?.() === 0;

const namespaces: V1Namespace[] = [
  { metadata: { name: "shop", labels: { team: "shop" } } },
  { metadata: { name: "bank", labels: { team: "bank", tier: "inner" } } },
];
interface PodFacts {
  namespace?: string;
  labels?: Record<string, string>;
  node?: string;
  port?: { name: string; containerPort: number; protocol?: string };
  hostNetwork?: boolean;
  phase?: string;
  born?: string;
}
const pod = (name: string, podIP: string | undefined, facts: PodFacts = {}): V1Pod => ({
  metadata: {
    name,
    namespace: facts.namespace ?? "shop",
    labels: { app: name, ...facts.labels },
    creationTimestamp: new Date(facts.born ?? "2026-01-01"),
  },
  spec: {
    nodeName: facts.node ?? "node-a",
    ...(facts.hostNetwork && { hostNetwork: true }),
    containers: [{ name: "it", ...(facts.port && { ports: [facts.port] }) }],
  },
  status: { ...(podIP && { podIP }), phase: facts.phase ?? "Running" },
});
const web = pod("web", "10.0.0.1", { port: { name: "http", containerPort: 8080 } });
const cart = pod("cart", "10.0.0.2", { node: "node-b", port: { name: "http", containerPort: 9090 } });
const till = pod("till", "10.0.0.3", { namespace: "bank", labels: { tier: "front" } });
const safe = pod("safe", "10.0.0.4", { namespace: "bank", node: "node-b" });
const pods = [web, cart, till, safe];

const policy = (spec: PolicySpec, namespace = "shop"): NetworkPolicy => ({
  metadata: { name: "it", namespace },
  spec,
});
/** What a chain lets through besides the pod itself; nothing where there is no such chain. */
const allowed = (ruleset: string, chain: string) => {
  const [, body] =
    ruleset.match(new RegExp(`chain ${chain} \\{\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\n {2}\\}`)) ?? [];
  if (body === undefined) return undefined;
  const [itself, ...rules] = body.split("\n").map((line) => line.trim());
  expect(itself).toMatch(/^ip [sd]addr 10\.0\.0\.\d return$/);
  expect(rules.pop()).toBe("counter drop");
  return rules.map((rule) => rule.replace(/ ?return$/, ""));
};
const toWeb = (spec: PolicySpec, namespace?: string) =>
  allowed(nodeRuleset("node-a", { pods, namespaces, policies: [policy(spec, namespace)] }), "to-10.0.0.1");
const fromWeb = (spec: PolicySpec) =>
  allowed(nodeRuleset("node-a", { pods, namespaces, policies: [policy(spec)] }), "from-10.0.0.1");

const ingress = (rule: NonNullable<PolicySpec["ingress"]>[number]): PolicySpec => ({
  podSelector: {},
  policyTypes: ["Ingress"],
  ingress: [rule],
});
const egress = (rule: NonNullable<PolicySpec["egress"]>[number]): PolicySpec => ({
  podSelector: {},
  policyTypes: ["Egress"],
  egress: [rule],
});
const expression = (key: string, operator: string, values?: string[]) => ({
  podSelector: { matchExpressions: [{ key, operator, ...(values && { values }) }] },
  namespaceSelector: {},
});

test.each<[string, PolicySpec, string[] | undefined]>([
  ["nobody, without a rule", { podSelector: {} }, []],
  ["everybody, by an empty rule", ingress({}), [""]],
  ["everybody, by empty lists", ingress({ from: [], ports: [] }), [""]],
  [
    "nobody, where no pod is selected",
    ingress({ from: [{ podSelector: { matchLabels: { app: "x" } } }] }),
    [],
  ],
  ["pods of its namespace", ingress({ from: [{ podSelector: {} }] }), ["ip saddr { 10.0.0.1, 10.0.0.2 }"]],
  [
    "pods of a namespace",
    ingress({ from: [{ namespaceSelector: { matchLabels: { team: "bank" } } }] }),
    ["ip saddr { 10.0.0.3, 10.0.0.4 }"],
  ],
  [
    "some pods of a namespace",
    ingress({
      from: [
        {
          namespaceSelector: { matchLabels: { team: "bank" } },
          podSelector: { matchLabels: { app: "safe" } },
        },
      ],
    }),
    ["ip saddr { 10.0.0.4 }"],
  ],
  [
    "either of two peers",
    ingress({
      from: [
        { podSelector: { matchLabels: { app: "cart" } } },
        { namespaceSelector: { matchLabels: { tier: "inner" } } },
      ],
    }),
    ["ip saddr { 10.0.0.2, 10.0.0.3, 10.0.0.4 }"],
  ],
  ["In", ingress({ from: [expression("app", "In", ["cart", "safe"])] }), ["ip saddr { 10.0.0.2, 10.0.0.4 }"]],
  [
    "NotIn, also without the label",
    ingress({ from: [expression("tier", "NotIn", ["front"])] }),
    ["ip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.4 }"],
  ],
  ["Exists", ingress({ from: [expression("tier", "Exists")] }), ["ip saddr { 10.0.0.3 }"]],
  [
    "DoesNotExist",
    ingress({ from: [expression("tier", "DoesNotExist")] }),
    ["ip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.4 }"],
  ],
  [
    "a block of addresses",
    ingress({ from: [{ ipBlock: { cidr: "192.168.0.0/16" } }] }),
    ["ip saddr 192.168.0.0/16"],
  ],
  [
    "a block but for exceptions",
    ingress({
      from: [{ ipBlock: { cidr: "192.168.0.0/16", except: ["192.168.1.0/24", "192.168.2.0/24"] } }],
    }),
    ["ip saddr 192.168.0.0/16 ip saddr != 192.168.1.0/24 ip saddr != 192.168.2.0/24"],
  ],
  ["every address", ingress({ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }), [""]],
  ["a block of the other protocol", ingress({ from: [{ ipBlock: { cidr: "fd00::/8" } }] }), []],
  [
    "a port, TCP by default",
    ingress({ ports: [{ port: 80 }, { port: 53, protocol: "UDP" }] }),
    ["tcp dport 80", "udp dport 53"],
  ],
  ["a range of ports", ingress({ ports: [{ port: 8000, endPort: 8100 }] }), ["tcp dport 8000-8100"]],
  ["a protocol", ingress({ ports: [{ protocol: "SCTP" }] }), ["ip protocol sctp"]],
  ["a port by its own name for it", ingress({ ports: [{ port: "http" }] }), ["tcp dport 8080"]],
  ["nothing by a name that it has not", ingress({ ports: [{ port: "https" }] }), []],
  ["nothing by a name of another protocol", ingress({ ports: [{ port: "http", protocol: "UDP" }] }), []],
  ["everybody, if no policy selects it", { podSelector: { matchLabels: { app: "cart" } } }, undefined],
  ["everybody, if the policy is for what leaves", { podSelector: {}, policyTypes: ["Egress"] }, undefined],
])("a pod is reached by %s", (_, spec, expected) => {
  expect(toWeb(spec)).toEqual(expected);
});

test.each<[string, PolicySpec, string[] | undefined]>([
  ["everything, by a policy for what comes in", { podSelector: {}, ingress: [] }, undefined],
  ["what rules for it say, whatever the types", { podSelector: {}, egress: [{}] }, [""]],
  ["nothing, without a rule", { podSelector: {}, policyTypes: ["Egress"] }, []],
  [
    "a pod's port, by that pod's name for it",
    egress({ to: [{ podSelector: {} }], ports: [{ port: "http" }] }),
    ["ip daddr 10.0.0.1 tcp dport 8080", "ip daddr 10.0.0.2 tcp dport 9090"],
  ],
  [
    "any pod that has a port of that name, and any address by number",
    egress({ ports: [{ port: "http" }, { port: 443 }] }),
    ["tcp dport 443", "ip daddr 10.0.0.1 tcp dport 8080", "ip daddr 10.0.0.2 tcp dport 9090"],
  ],
  [
    "addresses but for some",
    egress({ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }], ports: [{ port: 443 }] }),
    ["ip daddr != 169.254.0.0/16 tcp dport 443"],
  ],
])("a pod reaches %s", (_, spec, expected) => {
  expect(fromWeb(spec)).toEqual(expected);
});

test("policies add up, and those of other namespaces are not its", () => {
  const all = [
    policy(ingress({ ports: [{ port: 1 }] })),
    policy(ingress({ ports: [{ port: 2 }] })),
    policy(ingress({ ports: [{ port: 3 }] }), "bank"),
  ];
  const ruleset = nodeRuleset("node-a", { pods, namespaces, policies: all });
  expect(allowed(ruleset, "to-10.0.0.1")).toEqual(["tcp dport 1", "tcp dport 2"]);
  expect(allowed(ruleset, "to-10.0.0.3")).toEqual(["tcp dport 3"]);
});

test("a node judges its own pods", () => {
  const objects = { pods, namespaces, policies: [policy({ podSelector: {} })] };
  expect(nodeRuleset("node-a", objects)).toContain("ip daddr vmap { 10.0.0.1 : jump to-10.0.0.1 }");
  expect(nodeRuleset("node-b", objects)).toContain("ip daddr vmap { 10.0.0.2 : jump to-10.0.0.2 }");
});

test("pods without an address of their own are nobody, and an address is its youngest holder's", () => {
  const others = [
    pod("new", "10.0.0.9", { born: "2026-02-02" }),
    pod("unseen", undefined),
    pod("host", "10.0.0.7", { hostNetwork: true }),
    pod("done", "10.0.0.8", { phase: "Succeeded" }),
    pod("old", "10.0.0.9", { labels: { old: "yes" } }),
  ];
  const ruleset = (spec: PolicySpec) =>
    nodeRuleset("node-a", { pods: [web, ...others], namespaces, policies: [policy(spec)] });
  expect(allowed(ruleset(ingress({ from: [{ podSelector: {} }] })), "to-10.0.0.1")).toEqual([
    "ip saddr { 10.0.0.1, 10.0.0.9 }",
  ]);
  expect(ruleset({ podSelector: { matchLabels: { old: "yes" } } })).not.toContain("vmap");
});

test("the order in which the API tells of pods changes nothing", () => {
  const policies = [policy(ingress({ from: [{ namespaceSelector: {} }] }))];
  const of = (pods: V1Pod[]) => nodeRuleset("node-a", { pods, namespaces, policies });
  expect(of([...pods].reverse())).toBe(of(pods));
});

test.runIf(isRoot)("nft takes the rules, also for nobody and over older ones", async () => {
  const policies = [
    policy({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [{ namespaceSelector: {} }, { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }] },
        {
          ports: [
            { port: "http" },
            { port: 8000, endPort: 8100 },
            { protocol: "UDP" },
            { port: 1, protocol: "SCTP" },
          ],
        },
      ],
      egress: [{}],
    }),
  ];
  const rulesets = [[], pods, pods].map((pods) => nodeRuleset("node-a", { pods, namespaces, policies }));
  const script = rulesets.map((ruleset) => `nft -f - <<'END'\n${ruleset}END`).join("\n");
  const env = debianEnvironment(await findDebianPrograms());
  const { stdout } = await promisify(execFile)(
    "unshare",
    ["--net", "sh", "-ec", `${script}\nnft list ruleset`],
    { env },
  );
  expect(stdout.match(/10\.0\.0\.1 : jump to-10\.0\.0\.1/g)).toHaveLength(1);
});
