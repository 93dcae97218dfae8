import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkout, freePorts, Project } from "./project.ts";

const program = (port: number) => `
import * as mcp from "mcp-infra";

const target = mcp.local();
const notes = new mcp.Server("notes", {
  target,
  stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
  env: { MEMORY_FILE_PATH: \`\${mcp.dataDirectory}/notes.jsonl\` },
  storage: true,
});
const agent = new mcp.Consumer("agent", {
  identity: { scope: "notes" },
  uses: [notes.tool("read_graph", { arguments: {}, expect: { contains: "entities" } })],
});
const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes],
  consumers: [agent],
  listen: { port: ${port} },
  resilience: { timeout: "5s" },
  objectives: { availability: 0.99, p95: "2s" },
});
const alerting = new mcp.Alerting("alerts", { gateway });
const smokeTest = new mcp.SmokeTest("smoke", { gateway });
new mcp.Integration("team", {
  requirements: { purpose: "Notes for one agent", owner: "team" },
  gateway,
  alerting,
  smokeTest,
});

export const endpoint = gateway.endpoint;
`;

describe("the package, in a project outside the checkout", () => {
  let directory: string;
  const installed = (...segments: string[]) => path.join(directory, "node_modules", "mcp-infra", ...segments);

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "mcp-infra-package-"));
    const [port = 0] = await freePorts(1);
    const { stdout } = await execa("npm", ["pack", "--silent", "--pack-destination", directory], {
      cwd: checkout,
    });
    const tarball = stdout.trim().split("\n").at(-1) ?? "";
    await writeFile(
      path.join(directory, "package.json"),
      JSON.stringify({ type: "module", main: "index.ts" }),
    );
    await writeFile(path.join(directory, "index.ts"), program(port));
    await execa("npm", ["install", "--silent", "--no-audit", "--no-fund", `./${tarball}`], {
      cwd: directory,
    });
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test("has types that a strict compiler accepts", async () => {
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--skipLibCheck"];
    const compiled = await execa("tsc", [...options, "index.ts"], {
      cwd: directory,
      preferLocal: true,
      localDir: checkout,
      reject: false,
      all: true,
    });
    expect(compiled.all).toBe("");
  });

  test("lets its users test rules and set policies", async () => {
    const program =
      'const { findings, rule } = await import("mcp-infra/testing");' +
      'const servers = [{ name: "notes", stdio: { package: "npm:notes" } }];' +
      'console.log(findings([rule("pinned-artifacts")], { servers })[0].path);' +
      'console.log(typeof (await import("mcp-infra/policies")).policyPack);';
    const { stdout } = await execa("node", ["--input-type=module", "--eval", program], { cwd: directory });
    expect(stdout).toBe("server notes: stdio.package\nfunction");
  });

  test("goes up with the packed plugin and policies, tells its status, and goes down", async () => {
    await using project = await Project.in(directory, installed("dist/components/targets/local/provider"));
    const up = await project.up("--policy-pack", installed("dist/policies"));
    expect(up.exitCode, up.output).toBe(0);
    expect(up.output).toMatch(/smoke test: PASSED/);
    expect(up.output).toContain("✅ mcp-infra@");

    const status = await execa("node", [installed("cli/mcp-infra.js"), "status"], { cwd: directory });
    expect(status.stdout).toMatch(/notes.*running/);

    const down = await project.pulumi("destroy", "--yes");
    expect(down.exitCode, down.output).toBe(0);
    expect(project.processes()).toEqual({});
  });
});
