import { describe, expect, test } from "vitest";
import { gatewaySchema, serverSchema } from "../../../components/model/index.ts";
import { addresses } from "../../../components/targets/kubernetes/addresses.ts";
import { kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import {
  baseNetworkPolicies,
  gatewayNetworkPolicies,
  serverEgress,
} from "../../../components/targets/kubernetes/network.ts";
import { exampleModel } from "../../example-model.ts";

const settingsOf = (given: object = {}) =>
  kubernetesSchema.parse({
    namespace: "support",
    image: { reference: `registry.example.com/a@sha256:${"0".repeat(64)}` },
    ...given,
  });
const image = `registry.example.com/a@sha256:${"0".repeat(64)}`;
const remote = (url: string) => serverSchema.parse({ name: "tickets", remote: { url } });
/** What the gateway may connect to when this is behind it. */
const egressFor = (server: ReturnType<typeof remote>) => {
  const [policy] = gatewayNetworkPolicies({ ...exampleModel(), servers: [server] }, settingsOf(), []);
  return policy?.spec as unknown as { egress: object[] };
};

describe("what a gateway may connect to", () => {
  const client = {
    issuer: "http://127.0.0.1:9001/a",
    clientId: "edge",
    clientSecret: { store: "a", key: "b" },
  };
  const portsOf = (gateway: object, server = remote("https://10.0.0.1/mcp")) => {
    const model = {
      ...exampleModel(),
      servers: [server],
      gateway: gatewaySchema.parse({ name: "edge", ...gateway }),
    };
    const [policy] = gatewayNetworkPolicies(model, settingsOf(), []);
    const spec = policy?.spec as unknown as { egress: { ports: { port: number }[] }[] };
    return spec.egress.map(({ ports }) => ports[0]?.port);
  };

  test.each<[string, object, ReturnType<typeof remote> | undefined, (number | undefined)[]]>([
    ["its servers", {}, undefined, [443]],
    [
      "who signs tokens, and where that one's keys are, each once",
      {
        auth: {
          issuers: [
            { issuer: "https://login.example.com:8443/a", jwksUri: "https://keys.example.com:8444/jwks" },
            { issuer: "https://login.example.com:8443/b" },
          ],
        },
      },
      undefined,
      [443, 8443, 8444],
    ],
    [
      "who gives it tokens for its servers",
      {},
      serverSchema.parse({
        name: "tickets",
        remote: { url: "https://10.0.0.1/mcp", auth: { clientCredentials: client } },
      }),
      [443, 9001],
    ],
    [
      "who collects its traces",
      { tracing: { endpoint: "http://otel:4318/v1/traces" } },
      undefined,
      [443, 4318],
    ],
  ])("%s", (_, gateway, server, ports) => {
    expect(portsOf(gateway, server)).toEqual(ports);
  });
});

describe("what a server may connect to", () => {
  test.each([
    ["a name", "api.github.com"],
    ["the whole world", "*"],
  ])("%s is any address of either family, but no cloud's answer to its machines", (_, host) => {
    const [four, six, ...others] = addresses(host);
    expect(others).toEqual([]);
    expect(four).toMatchObject({ cidr: "0.0.0.0/0" });
    expect(four?.except).toEqual(expect.arrayContaining(["169.254.0.0/16", "168.63.129.16/32"]));
    expect(six).toMatchObject({ cidr: "::/0" });
    expect(six?.except).toEqual(expect.arrayContaining(["fe80::/10", "fd00:ec2::/32"]));
  });

  test.each<[string, string[]]>([
    ["0.0.0.0/0", ["169.254.0.0/16", "100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32"]],
    ["168.0.0.0/5", ["169.254.0.0/16", "168.63.129.16/32"]],
    ["100.64.0.0/10", ["100.100.100.200/32"]],
  ])("nor is it in the network %s", (network, except) => {
    expect(addresses(network)).toEqual([{ cidr: network, except }]);
  });

  test.each<[string, string]>([
    ["10.2.0.0/16", "10.2.0.0/16"],
    ["10.2.3.4", "10.2.3.4/32"],
    ["169.254.169.254", "169.254.169.254/32"],
    ["[fd00:1::5]", "fd00:1::5/128"],
  ])("%s is what it says", (host, cidr) => {
    expect(addresses(host)).toEqual([{ cidr }]);
  });

  test("is what it declares, and nothing where it declares nothing", () => {
    const server = (egress: string[]) => serverSchema.parse({ name: "a", stdio: { command: "a" }, egress });
    expect(serverEgress(server([]), "support")).toBeUndefined();
    expect(serverEgress(server(["10.2.3.4:5432"]), "support")?.spec).toMatchObject({
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "10.2.3.4/32" } }], ports: [{ port: 5432 }] }],
    });
  });
});

describe("what a gateway may connect to", () => {
  test("a remote server by its address, of either family, on its port alone", () => {
    expect(egressFor(remote("http://[fd00:1::5]:8080/mcp")).egress).toEqual([
      { to: [{ ipBlock: { cidr: "fd00:1::5/128" } }], ports: [{ port: 8080 }] },
    ]);
    expect(egressFor(remote("https://10.2.3.4/mcp")).egress).toEqual([
      { to: [{ ipBlock: { cidr: "10.2.3.4/32" } }], ports: [{ port: 443 }] },
    ]);
  });

  test("a server that another stack offers, on its port alone", () => {
    const offered = serverSchema.parse({ name: "notes", http: { image, port: 8082 } });
    const there = { stack: "a/b/c", name: "notes", target: "kubernetes", namespace: "notes" };
    expect(egressFor({ ...offered, offered: there }).egress).toMatchObject([{ ports: [{ port: 8082 }] }]);
  });
});

describe("a namespace", () => {
  const names = (given: object, stack: string) =>
    Object.values(baseNetworkPolicies(settingsOf(given), stack)).map(({ metadata }) => metadata.name);

  test("that several stacks share keeps the policies of one when another goes", () => {
    const one = names({ namespacePolicy: "existing" }, "a/b/one");
    expect(names({ namespacePolicy: "existing" }, "a/b/one")).toEqual(one);
    expect(one.filter((name) => names({ namespacePolicy: "existing" }, "a/b/two").includes(name))).toEqual(
      [],
    );
  });

  test("lets a certificate's authority be answered, by way of the entrance alone", () => {
    const ingress = { className: "nginx", namespace: "ingress-nginx" };
    const expose = { host: "mcp.example.com", ingress, certificate: { issuer: "letsencrypt" } };
    expect(names({}, "a/b/one")).not.toContain("mcp-infra-challenge");
    expect(baseNetworkPolicies(settingsOf({ expose }), "a/b/one").challenge?.spec).toMatchObject({
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8089 }] }],
    });
  });
});

test.each(["10.2.0.0/33:443", "999.2.0.0/16:443", "api.github.com:0", "api.github.com:65536"])(
  "%s is no destination",
  (egress) => {
    const server = { name: "a", stdio: { command: "a" }, egress: [egress] };
    expect(serverSchema.safeParse(server).success).toBe(false);
  },
);
