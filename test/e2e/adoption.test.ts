import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkout, freePorts, Project } from "./project.ts";

const secret = "hidden-in-the-configuration-of-a-client";

/** What a developer has today: two servers of npm, one of them with a key in plain text. */
const configuration = `{
  // Comments, as editors write them.
  "mcpServers": {
    "My Notes": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-memory"],
      "env": { "MEMORY_FILE_PATH": "\${workspaceFolder}/notes.jsonl", "NOTES_API_KEY": "${secret}" }
    },
    "documents": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "\${workspaceFolder}"]
    }
  }
}`;

describe("from what people have to a green stack, in a project of the packed tarball", () => {
  let home: string;
  let project: Project;
  const inProject = (...segments: string[]) => path.join(home, "team", ...segments);
  const init = (commandLine: string, name: string) =>
    execa("node", [path.join(commandLine, "cli/mcp-infra.js"), "init", name], { cwd: home });

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), "mcp-infra-adoption-"));
    const { stdout } = await execa("npm", ["pack", "--silent", "--pack-destination", home], {
      cwd: checkout,
    });
    const tarball = path.join(home, stdout.trim().split("\n").at(-1) ?? "");
    await init(checkout, "team");
    await execa("npm", ["install", "--silent", "--no-audit", "--no-fund", tarball], { cwd: inProject() });
    project = await Project.at(inProject());
  });
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });

  const types = () =>
    execa("npm", ["run", "--silent", "check"], { cwd: inProject(), reject: false, all: true });
  const listenOn = async (file: string) => {
    const [port] = await freePorts(1);
    const text = await readFile(inProject(file), "utf8");
    await writeFile(
      inProject(file),
      text.replace("  consumers: [agent],\n", `$&  listen: { port: ${port} },\n`),
    );
  };

  test("a new project has types that hold, and goes up green at once", async () => {
    expect((await types()).all).toBe("");
    await init(inProject("node_modules/mcp-infra"), "packed/team");
    const byPackage = await readFile(path.join(home, "packed/team/index.ts"), "utf8");
    expect(byPackage).toBe(await readFile(inProject("index.ts"), "utf8"));
    await listenOn("index.ts");
    const up = await project.up("--policy-pack", "node_modules/mcp-infra/dist/policies");
    expect(up.exitCode, up.output).toBe(0);
    expect(up.output).toMatch(/smoke test: PASSED/);
  });

  test("an import beside a program writes a module, and overwrites nothing", async () => {
    await writeFile(path.join(home, ".mcp.json"), configuration);
    const before = await readFile(inProject("index.ts"), "utf8");
    const imported = await project.cli("import", "../.mcp.json");
    expect(imported.exitCode, imported.output).toBe(0);
    expect(imported.output).toContain('import { imported } from "./imported.ts"');
    expect(await readFile(inProject("index.ts"), "utf8")).toBe(before);
    expect((await types()).all).toBe("");

    const again = await project.cli("import", "../.mcp.json");
    expect(again.output).toContain("imported.ts is there already, and nothing is overwritten");
    await rm(inProject("imported.ts"));
    await project.pulumi("config", "rm", "notesApiKey");
  });

  test("an import as the program: its secret is encrypted, its tools are known, and it goes up green", async () => {
    await rm(inProject("index.ts"));
    const imported = await project.cli("import", "../.mcp.json", "--ask");
    expect(imported.exitCode, imported.output).toBe(0);
    expect(imported.output).toContain("Configured, secrets encrypted: notesApiKey");
    expect(imported.output).toContain("Status: READY");
    expect(imported.output).not.toContain(secret);
    const program = await readFile(inProject("index.ts"), "utf8");
    expect(program).toContain("env: {\n    MEMORY_FILE_PATH: ");
    expect(program).toContain('NOTES_API_KEY: secrets.ref("notesApiKey")');
    expect(program).toContain('myNotes.tool("read_graph", { arguments: {} })');
    expect(program).not.toContain(secret);
    expect(await readFile(inProject("Pulumi.test.yaml"), "utf8")).not.toContain(secret);
    expect((await project.pulumi("config", "get", "notesApiKey")).output.trim()).toBe(secret);
    expect((await types()).all).toBe("");

    await listenOn("index.ts");
    const up = await project.up("--policy-pack", "node_modules/mcp-infra/dist/policies");
    expect(up.exitCode, up.output).toBe(0);
    expect(up.output).toMatch(/smoke test: PASSED/);
    expect(up.output).not.toContain(secret);
    const smoke = await project.cli("smoke");
    expect(smoke.output).toMatch(/smoke test: PASSED/);
  });
});
