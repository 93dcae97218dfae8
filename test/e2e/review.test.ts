import { writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts, Project } from "./project.ts";

/** What a reviewer is told of a change, by the real CLI, on a stack that is deployed. */
describe("the comment on a pull request", () => {
  let project: Project;
  const comment = async (changes: Record<string, string>) => {
    await project.configure({ changes: JSON.stringify(changes) });
    return project.cli("preview", "--markdown", "--stack", "test");
  };

  beforeAll(async () => {
    project = await Project.running("review-program.ts");
    await project.configure({ ports: await freePorts(2) });
    const up = await project.up();
    expect(up.exitCode, up.output).toBe(0);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test("of a change of nothing says so, and what there is", async () => {
    const { exitCode, output } = await comment({});
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/^<!-- mcp-infra preview -->\n\n## ✅ MCP integration: nothing changes/);
    expect(output).toContain("✅ READY: all six items hold");
    expect(output).toContain("```mermaid\nflowchart LR");
  });

  test("says what changes for agents, and what it does to calls while it is deployed", async () => {
    const { exitCode, output } = await comment({
      timeout: "11s",
      notesEnv: "CHANGED",
      newUse: "delete_entities",
    });
    expect(exitCode, output).toBe(0);
    expect(output).toContain("## ⚠️ MCP integration: needs attention");
    expect(output).toContain("- consumer `reader` gains `tool notes__delete_entities`");
    expect(output).toContain("- gateway `edge` timeout `10 s` → `11 s`");
    expect(output).toContain("- server `notes` environment: gains `CHANGED`");
    expect(output).toMatch(/- ⚠️ server notes restarts, within seconds; .*its data stays/);
    expect(output).toMatch(/- ✅ gateway edge is replaced by a successor .*: no call is lost/);
    expect(output).not.toMatch(/server utilities restarts/);
    expect(output).toContain("<details><summary>Before</summary>");
    expect(output).toContain("git revert -m 1");
  });

  test("says that what was agreed on of the tools changes, and whom that breaks", async () => {
    const lock = (required: string[]) =>
      writeFile(
        path.join(project.directory, "mcp-infra.test.lock.yaml"),
        JSON.stringify({
          version: 1,
          stack: "test",
          gateway: "edge",
          tools: {
            notes__read_graph: [
              {
                seenBy: ["reader"],
                definition: {
                  name: "read_graph",
                  inputSchema: { type: "object", properties: { depth: { type: "number" } }, required },
                },
              },
            ],
          },
          prompts: {},
          resources: {},
          resourceTemplates: {},
        }),
      );
    const git = (...args: string[]) =>
      execa("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], {
        cwd: project.directory,
      });
    await lock([]);
    await git("init", "--quiet");
    await git("add", "mcp-infra.test.lock.yaml");
    await git("commit", "--quiet", "-m", "as agreed");
    await lock(["depth"]);
    const { exitCode, output } = await comment({});
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/needs attention \(breaks reader/);
    expect(output).toContain("❌ **breaks** `reader`");
  });

  test("of what a component refuses names the property and the remedy, and fails", async () => {
    const { exitCode, output } = await comment({ apiKey: "sk-canary-0123456789-abcdefghij" });
    expect(exitCode).toBe(1);
    expect(output).toContain("## ❌ MCP integration: refused");
    expect(output).toContain("**❌ Refused** by `secrets-by-reference`");
    expect(output).toContain("- `server utilities: env.API_KEY`: looks like a secret");
    expect(output).toContain("Put the value into a Secrets component");
    expect(output).toContain("Status: BLOCKED");
    expect(output).not.toMatch(/canary| {4}at /);
  });

  test("of what a policy refuses says the same, beside what would change", async () => {
    const { exitCode, output } = await comment({ unwatched: "yes" });
    expect(exitCode).toBe(1);
    expect(output).toContain("**❌ Refused** by `alerting-declared`");
    expect(output).toContain("- alerting `alerts` is removed");
  });

  test("for a terminal is the same in plain words", async () => {
    await project.configure({ changes: JSON.stringify({ timeout: "11s" }) });
    const { exitCode, output } = await project.cli("preview");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/^stack test: /);
    expect(output).toContain("gateway edge: timeout 10 s → 11 s");
  });
});
