// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so clients write references
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Directory } from "../cli/project.ts";

const secret = "hidden-in-a-configuration";
const configuration = JSON.stringify({
  mcpServers: {
    notes: { command: "notes-server", env: { NOTES_TOKEN: secret, OTHER_TOKEN: "${OTHER_TOKEN}" } },
  },
});

describe("init", () => {
  test("makes a project named like its directory", async () => {
    using directory = new Directory();
    const made = await directory.run(["init", "My Team"]);
    expect(made.stdout).toContain('  cd "My Team"\n  npm install\n  pulumi stack init dev\n  npm run up');
    const at = (file: string) => readFileSync(path.join(directory.path, "My Team", file), "utf8");
    expect(JSON.parse(at("package.json"))).toMatchObject({ name: "my-team", type: "module", private: true });
    expect(at("Pulumi.yaml")).toContain("name: my-team\n");
    expect(at("index.ts")).toContain('new mcp.Integration("my-team"');
    expect(at(".gitignore")).toContain(".mcp-infra/\n");
    expect(at("README.md").split("\n").length).toBeLessThanOrEqual(12);
  });

  test("writes nothing where one of its files is, and names those that are", async () => {
    using directory = new Directory();
    directory.write("tsconfig.json", "{}");
    directory.write("README.md", "mine");
    const refused = await directory.run(["init"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("Nothing was written: tsconfig.json, README.md are in");
    expect(readdirSync(directory.path).toSorted()).toEqual(["README.md", "tsconfig.json"]);
  });
});

describe("import", () => {
  test("without Pulumi: the program is written, and how to configure its secrets is said without their values", async () => {
    using directory = new Directory().asProject();
    directory.write(".mcp.json", configuration);
    const { exitCode, stdout, stderr } = await directory.run(["import", ".mcp.json"]);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain("index.ts: notes, from .mcp.json");
    expect(stdout).toContain("Nothing could be configured: Pulumi is not on PATH");
    expect(stdout).toContain("pulumi config set --secret notesToken  # NOTES_TOKEN of notes in .mcp.json");
    expect(stdout).toContain("pulumi config set --secret otherToken  # the environment variable OTHER_TOKEN");
    expect(stdout).toContain("Status: BLOCKED");
    expect(stdout + readFileSync(path.join(directory.path, "index.ts"), "utf8")).not.toContain(secret);
  });

  test.each([
    ["a file that is not there", {}, "no.json does not exist."],
    ["JSON that is none", { "no.json": "{\n{" }, "no.json:2: is no JSON here"],
    [
      "nothing that can be imported",
      { "no.json": '{"mcpServers": {"a": {"command": "sh", "args": ["-c", "x"]}}}' },
      "No server can be imported:\n  a: is left out",
    ],
    [
      "a module of an import before",
      { "no.json": configuration, "index.ts": "", "imported.ts": "mine" },
      "imported.ts is there already, and nothing is overwritten",
    ],
    [
      "a project file that is none",
      { "no.json": configuration, "Pulumi.yaml": "a: [" },
      "Pulumi.yaml can't be read",
    ],
  ])("%s is refused, and nothing written", async (_, files, reason) => {
    using directory = new Directory().asProject();
    for (const [file, text] of Object.entries(files)) directory.write(file, text);
    const before = readdirSync(directory.path);
    const { exitCode, stderr } = await directory.run(["import", "no.json"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain("    at ");
    expect(readdirSync(directory.path)).toEqual(before);
  });

  test("outside a project it says how to make one", async () => {
    using directory = new Directory();
    directory.write(".mcp.json", configuration);
    const { stderr } = await directory.run(["import", ".mcp.json"]);
    expect(stderr).toContain("Make a project first: npx mcp-infra init <directory>");
    expect(existsSync(path.join(directory.path, "index.ts"))).toBe(false);
  });
});
