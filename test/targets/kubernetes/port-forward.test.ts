import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { V1EndpointSlice, V1Service } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { forwarded } from "../../../components/targets/kubernetes/port-forward.ts";
import { readyIn } from "../../../components/targets/kubernetes/ready-pods.ts";
import { keepSmokeReport } from "../../../components/targets/kubernetes/smoke-report.ts";
import { type TestCluster, testCluster } from "../../kubernetes/cluster.ts";

describe("the pods behind a service's port", () => {
  const service: V1Service = {
    spec: {
      ports: [
        { name: "mcp", port: 7400 },
        { name: "metrics", port: 9464 },
      ],
    },
  };
  const slice = (name: string, ready: boolean | undefined, kind = "Pod"): V1EndpointSlice => ({
    addressType: "IPv4",
    ports: [
      { name: "metrics", port: 9464 },
      { name: "mcp", port: 8080 },
    ],
    endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready }, targetRef: { kind, name } }],
  });

  test.each<[string, V1EndpointSlice[], { name: string; port: number }[]]>([
    ["that are ready", [slice("a", true), slice("b", false)], [{ name: "a", port: 8080 }]],
    [
      "of which nothing is known but that they are there",
      [slice("a", undefined)],
      [{ name: "a", port: 8080 }],
    ],
    ["each once, whatever its addresses", [slice("a", true), slice("a", true)], [{ name: "a", port: 8080 }]],
    ["that are pods", [slice("node", true, "Node")], []],
  ])("are those %s", (_, slices, pods) => {
    expect(readyIn(service, slices, 7400)).toEqual(pods);
  });
});

/** Answers with its own name: at once, as a slow stream, or with what it was sent. */
const program = `
const { createServer } = require("node:http");
const { hostname } = require("node:os");
createServer((request, response) => {
  if (request.url === "/echo") return request.pipe(response);
  if (request.url === "/large") return response.end(Buffer.alloc(20_000_000, 120));
  if (request.url !== "/stream") return response.end(hostname());
  response.writeHead(200, { "content-type": "text/event-stream" });
  let count = 0;
  const timer = setInterval(() => {
    response.write("data: " + count++ + "\\n\\n");
    if (count < 5) return;
    clearInterval(timer);
    response.end();
  }, 200);
}).listen(8080);
process.on("SIGTERM", () => process.exit());
`;

describe("a port-forward", () => {
  const namespace = `port-forward-${process.pid}`;
  const target = { namespace, service: "echo", port: 7400, path: "/" };
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await testCluster();
    const { core, apps, image } = cluster;
    await core.createNamespace({ body: { metadata: { name: namespace } } });
    const labels = { app: "echo" };
    const container = {
      name: "echo",
      image: image.reference,
      command: ["node", "-e", program],
      ports: [{ name: "mcp", containerPort: 8080 }],
      readinessProbe: { httpGet: { port: 8080, path: "/" }, periodSeconds: 1 },
    };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const spec = { replicas: 2, selector: { matchLabels: labels }, template };
    await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: "echo" }, spec } });
    for (const name of ["echo", "closed"])
      await core.createNamespacedService({
        namespace,
        body: {
          metadata: { name },
          spec: {
            selector: name === "echo" ? labels : {},
            ports: [{ name: "mcp", port: 7400, targetPort: "mcp" }],
          },
        },
      });
    await vi.waitFor(
      async () => {
        const { status } = await apps.readNamespacedDeploymentStatus({ namespace, name: "echo" });
        expect(status?.readyReplicas).toBe(2);
      },
      { timeout: 60_000, interval: 500 },
    );
  });
  afterAll(() => cluster?.core.deleteNamespace({ name: namespace, gracePeriodSeconds: 0 }));

  const through = <T>(use: (url: string) => Promise<T>) => forwarded(cluster.kubeConfig, target, use);
  const text = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();

  test("leads to one ready pod, for as long as it is used", async () => {
    const [names, url] = await through(async (url) => [
      await Promise.all(Array.from({ length: 10 }, () => text(url))),
      url,
    ]);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^echo-/);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("hands on what `use` throws, and is closed all the same", async () => {
    let left = "";
    const failing = through(async (url) => {
      left = url;
      throw new TypeError("the test is over");
    });
    await expect(failing).rejects.toThrow(new TypeError("the test is over"));
    await expect(fetch(left)).rejects.toThrow();
  });

  test("passes a stream on as it comes", async () => {
    await through(async (url) => {
      const { body } = await fetch(`${url}stream`);
      const times: number[] = [];
      let all = "";
      for await (const chunk of body ?? []) {
        times.push(performance.now());
        all += Buffer.from(chunk).toString();
      }
      expect(all.match(/data: \d/g)).toEqual(["data: 0", "data: 1", "data: 2", "data: 3", "data: 4"]);
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(500);
    });
  });

  test("carries many connections and large bodies side by side, each whole", async () => {
    await through(async (url) => {
      const bodies = Array.from({ length: 30 }, (_, index) => String(index).repeat(100_000));
      const echoes = await Promise.all(bodies.map((body) => text(`${url}echo`, { method: "POST", body })));
      expect(echoes.map(({ length }) => length)).toEqual(bodies.map(({ length }) => length));
      expect(echoes).toEqual(bodies);
      expect((await text(`${url}large`)).length).toBe(20_000_000);
    });
  });

  test("answers a caller that has said its last and still listens", async () => {
    await through(async (url) => {
      const { port } = new URL(url);
      const socket = connect({ host: "127.0.0.1", port: Number(port), allowHalfOpen: true });
      socket.end("GET / HTTP/1.1\r\nhost: echo\r\nconnection: close\r\n\r\n");
      let answer = "";
      for await (const chunk of socket) answer += chunk;
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK.*echo-/s);
    });
  });

  test("outlives a caller that goes in the middle of a stream", async () => {
    await through(async (url) => {
      const gone = fetch(`${url}stream`, { signal: AbortSignal.timeout(300) }).then((response) =>
        response.text(),
      );
      await expect(gone).rejects.toThrow();
      expect(await text(url)).toMatch(/^echo-/);
    });
  });

  test("moves on to another pod when its own goes", async () => {
    await through(async (url) => {
      const first = await text(url);
      await cluster.core.deleteNamespacedPod({ namespace, name: first });
      await expect
        .poll(() => text(url).catch(() => first), { timeout: 30_000, interval: 300 })
        .not.toBe(first);
    });
  });

  test("opens on a port of choice, and says when that is taken", async () => {
    await through(async (url) => {
      const localPort = Number(new URL(url).port);
      await expect(forwarded(cluster.kubeConfig, { ...target, localPort }, text)).rejects.toThrow(
        `port ${localPort} of this machine is taken by another program`,
      );
    });
  });

  test.each([
    ["there is no such service", { service: "nobody" }, "there is no service nobody in namespace"],
    ["it has no such port", { port: 80 }, "has no port 80"],
    ["no pod is ready", { service: "closed" }, "no pod of service closed in namespace"],
  ])("says that %s", async (_, change, message) => {
    await expect(forwarded(cluster.kubeConfig, { ...target, ...change }, text)).rejects.toThrow(message);
  });

  test("leaves nothing that would keep a program from ending", async () => {
    await through(text);
    await setTimeout(1_500);
    expect(process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap")).toEqual([]);
  });

  test("a smoke report is kept in the gateway's ConfigMap, whoever wrote there before", async () => {
    const name = "edge-smoke-report";
    await cluster.core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name }, data: { other: "kept" } },
    });
    const report = { passed: true, startedAt: "", finishedAt: "", endpoint: "http://edge/mcp", checks: [] };
    await keepSmokeReport(cluster.kubeConfig, namespace, "edge", { ...report, passed: false });
    await keepSmokeReport(cluster.kubeConfig, namespace, "edge", report);
    const { data } = await cluster.core.readNamespacedConfigMap({ namespace, name });
    expect(data).toEqual({ other: "kept", "smoke-report.json": JSON.stringify(report) });
  });
});
