import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type TestCluster, testCluster } from "../kubernetes/cluster.ts";
import { Directory } from "./project.ts";

const commandLine = fileURLToPath(new URL("../../cli/mcp-infra.js", import.meta.url));

/** The command line on a stack whose workloads are real pods; the state that it reads is made here. */
describe("a stack in a cluster", () => {
  const namespace = `cli-${process.pid}`;
  let cluster: TestCluster;
  let directory: Directory;

  const providerUrn = "urn:pulumi:staging::team::pulumi:providers:kubernetes::support";
  const gatewayUrn = "urn:pulumi:staging::team::mcp-infra:index:Gateway::edge";
  const made = (type: string, name: string, inputs: object) => ({
    urn: `urn:pulumi:staging::team::${type}::${name}`,
    type,
    parent: gatewayUrn,
    provider: `${providerUrn}::id`,
    inputs,
    outputs: inputs,
  });
  const deployment = (name: string, script: string) => {
    const labels = { app: name, "mcp-infra.dev/role": "server" };
    const container = { name, image: cluster.image.reference, command: ["node", "-e", script] };
    const spec = { containers: [{ ...container, ports: [{ name: "mcp", containerPort: 8080 }] }] };
    return {
      metadata: { name, namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels }, spec },
      },
    };
  };
  const model = {
    scope: "gateway",
    name: "edge",
    target: "kubernetes",
    servers: [],
    consumers: [{ name: "reader", uses: [], identity: { scope: "read" } }],
    secrets: [],
    gateway: {
      name: "edge",
      listen: { host: "127.0.0.1", port: 7461 },
      auth: { mode: "tokens" },
      resilience: {},
    },
  };

  beforeAll(async () => {
    cluster = await testCluster();
    await cluster.core.createNamespace({ body: { metadata: { name: namespace } } });
    const edge = deployment(
      "edge",
      "require('http').createServer((_, response) => response.end('from the pod')).listen(8080); console.log('one\\ntwo\\nthree')",
    );
    const notes = deployment("notes", "console.log('the disk is on fire'); process.exit(3)");
    const service = {
      metadata: { name: "edge", namespace },
      spec: { selector: { app: "edge" }, ports: [{ name: "mcp", port: 7461, targetPort: "mcp" }] },
    };
    await cluster.apps.createNamespacedDeployment({ namespace, body: edge });
    await cluster.apps.createNamespacedDeployment({ namespace, body: notes });
    await cluster.core.createNamespacedService({ namespace, body: service });
    directory = new Directory().asProject().withState([
      {
        urn: providerUrn,
        type: "pulumi:providers:kubernetes",
        inputs: { kubeconfig: cluster.kubeConfig.exportConfig() },
      },
      { urn: gatewayUrn, type: "mcp-infra:index:Gateway", inputs: { model } },
      made("kubernetes:apps/v1:Deployment", "edge", edge),
      made("kubernetes:apps/v1:Deployment", "notes", notes),
      made("kubernetes:core/v1:Service", "edge", service),
    ]);
  });
  afterAll(async () => {
    directory?.[Symbol.dispose]();
    await cluster?.core.deleteNamespace({ name: namespace, gracePeriodSeconds: 0 });
  });

  test("status tells what is ready, and why something isn't", async () => {
    await vi.waitFor(
      async () => {
        const { exitCode, stdout } = await directory.run(["status"]);
        expect(stdout).toMatch(new RegExp(`^Cluster: \\S+ \\(https:\\S+\\), namespace ${namespace}\n\n`));
        expect(stdout).toMatch(/^edge +server +1\/1 +0 +\S+@sha256:[0-9a-f]{12}… *$/m);
        expect(stdout).toMatch(
          /^notes +server +0\/1 +[1-9]\d* +\S+ +pod notes-\S+: container notes ends with exit code 3/m,
        );
        expect(stdout).toContain("Not ready: notes. `mcp-infra logs <name>` shows the last lines");
        expect(exitCode).toBe(1);
      },
      { timeout: 60_000, interval: 1_000 },
    );
  });

  test("logs are those of the pods, of a crashed one from before", async () => {
    expect(await directory.run(["logs", "edge", "-n", "2"])).toEqual({
      exitCode: 0,
      stdout: "two\nthree",
      stderr: "",
    });
    const { stdout } = await directory.run(["logs"]);
    expect(stdout).toMatch(/==> edge-\S+ <==\none\ntwo\nthree\n==> notes-\S+ <==\nthe disk is on fire/);
    const { exitCode, stderr } = await directory.run(["logs", "nots"]);
    expect([exitCode, stderr]).toEqual([1, 'There is no server or gateway "nots"; there is edge, notes.']);
  });

  test("a client's configuration is for the way that connect opens, until it is ended", async () => {
    const { stdout, stderr } = await directory.run(["clients", "reader", "--client", "cursor"]);
    expect(stdout).toContain('"url": "http://127.0.0.1:7461/mcp"');
    expect(stderr).toMatch(/npx --no mcp-infra connect$/m);
    const opened = spawn(process.execPath, [commandLine, "connect"], {
      cwd: directory.path,
      env: directory.env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise<number | null>((resolve) => opened.on("exit", resolve));
    try {
      const url = await new Promise<string>((resolve) =>
        createInterface(opened.stdout).once("line", resolve),
      );
      expect(url).toBe("http://127.0.0.1:7461/mcp");
      expect(await (await fetch(url)).text()).toBe("from the pod");
    } finally {
      opened.kill("SIGINT");
    }
    expect(await ended).toBe(0);
  });

  test("the smoke test goes through a port-forward of its own", async () => {
    const { exitCode, stdout } = await directory.run(["smoke"]);
    expect(exitCode).toBe(1);
    // Something answers there that speaks no MCP: it was reached.
    expect(stdout).toMatch(/smoke test: FAILED/);
    expect(stdout).not.toContain("nothing listens there");
  });

  test("connect ends when the gateway is taken down, and says so", async () => {
    const opened = spawn(process.execPath, [commandLine, "connect"], {
      cwd: directory.path,
      env: directory.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => opened.on("close", resolve));
    let said = "";
    opened.stderr.on("data", (text) => {
      said += text;
    });
    await new Promise((resolve) => createInterface(opened.stdout).once("line", resolve));
    await cluster.core.deleteNamespacedService({ namespace, name: "edge" });
    expect(await ended).toBe(1);
    expect(said).toContain("The gateway is gone: its service is no longer in the cluster.");
  });
});
