import { mkdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Directory, endedProcess } from "./project.ts";

const verbs = ["status", "logs", "smoke", "connect", "clients", "token", "diagram", "summary"];
const noStack = / {4}at |node:internal/;

describe.concurrent("mcp-infra", () => {
  test("lists its verbs", async () => {
    using directory = new Directory();
    const { exitCode, stdout } = await directory.run(["--help"]);
    expect(exitCode).toBe(0);
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^ {2}${verb}\\b`, "m"));
  });

  test.each([
    ["an unknown verb", ["stauts"], /unknown command 'stauts'/],
    ["a missing argument", ["token"], /missing required argument 'consumer'/],
    ["no verb at all", [], /Usage: mcp-infra/],
  ])("refuses %s", async (_, args, message) => {
    using directory = new Directory().asProject();
    const { exitCode, stdout, stderr } = await directory.run(args);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(noStack);
  });

  test.each([["status"], ["diagram"]])("%s says so outside a project", async (verb) => {
    using directory = new Directory();
    const { exitCode, stdout, stderr } = await directory.run([verb]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("There is no Pulumi.yaml here or above");
    expect(stderr).not.toMatch(noStack);
  });

  test("says that there is no Pulumi, where there is none", async () => {
    using directory = new Directory().asProject();
    const { exitCode, stderr } = await directory.run(["diagram"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/pulumi.*(not found|not on PATH|is not installed)/i);
    expect(stderr).not.toMatch(noStack);
  });
});

describe.concurrent("status", () => {
  test("of a project where nothing runs", async () => {
    using directory = new Directory().asProject().withState();
    expect(await directory.run(["status"])).toEqual({
      exitCode: 0,
      stdout: "Nothing runs here.",
      stderr: "",
    });
  });

  test.each([
    ["a stack that there is not", ["--stack", "nope"], 'There is no stack "nope"; there is dev, staging.'],
    ["none, where none is selected", [], "No stack is selected; there is dev, staging. Choose one"],
  ])("of %s says which there are, as other verbs do", async (_, args, message) => {
    using directory = new Directory().asProject().withState(undefined, ["dev", "staging"]);
    for (const verb of ["status", "diagram"]) {
      const { exitCode, stdout, stderr } = await directory.run([verb, ...args]);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(message);
    }
  });

  test("shows what runs, from any directory of the project", async () => {
    using directory = new Directory().asProject();
    const { pid } = directory.record("dev", "edge", { kind: "gateway", url: "http://127.0.0.1:7400/mcp" });
    const socket = directory.write("notes.sock", "");
    directory.record("dev", "notes", { kind: "server-stdio", socket });
    mkdirSync(path.join(directory.path, "src", "deep"), { recursive: true });
    const { exitCode, stdout } = await directory.run(["status"], { below: "src/deep" });
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim().split(/ +/))).toEqual([
      ["NAME", "KIND", "STATUS", "PID", "WHERE"],
      ["edge", "gateway", "running", String(pid), "http://127.0.0.1:7400/mcp"],
      ["notes", "server-stdio", "running", String(pid), socket],
    ]);
  });

  test("shows what has died, how to mend it, and exits with 1", async () => {
    using directory = new Directory().asProject();
    directory.record("dev", "edge");
    directory.record("dev", "notes", endedProcess());
    const { exitCode, stdout } = await directory.run(["status"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^notes +server-http +dead +pid \d+ has ended/m);
    expect(stdout).toContain("Not running: notes. `pulumi preview` shows it, `pulumi up` brings it back.");
  });

  test.each([
    ["no JSON", "{"],
    ["without what it needs", '{"name":"notes"}'],
  ])("shows a damaged record and how to mend it: %s", async (_, text) => {
    using directory = new Directory().asProject();
    directory.record("dev", "edge");
    const file = directory.write(".mcp-infra/dev/processes/notes.json", text);
    const { exitCode, stdout, stderr } = await directory.run(["status"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^edge .*running/m);
    expect(stdout).toMatch(/^notes +unknown/m);
    expect(stdout).toContain(`${file} is damaged`);
    expect(stdout).toContain("`pulumi up`");
    expect(stderr).toBe("");
  });

  test("doesn't claim that a process whose record is damaged is not running", async () => {
    using directory = new Directory().asProject();
    directory.write(".mcp-infra/dev/processes/notes.json", "{");
    expect((await directory.run(["status"])).stdout).not.toContain("Not running: notes");
  });

  test("asks which stack, where there are several", async () => {
    using directory = new Directory().asProject();
    directory.record("dev", "edge");
    directory.record("staging", "gate");
    const { exitCode, stderr } = await directory.run(["status"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("several stacks on this machine: dev, staging. Choose one with --stack.");
  });

  test("of a stack that is none of this machine's says which are", async () => {
    using directory = new Directory().asProject().withState([]);
    directory.record("dev", "edge");
    const { exitCode, stderr } = await directory.run(["status", "--stack", "staging"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Nothing of a stack "staging" runs on this machine; there is dev.');
  });

  test.each<[string, string[], Record<string, string>]>([
    ["by an option behind the verb", ["status", "--stack", "staging"], {}],
    ["by the option rather than the variable", ["status", "-s", "staging"], { PULUMI_STACK: "dev" }],
  ])("takes the stack %s", async (_, args, env) => {
    using directory = new Directory().asProject();
    directory.record("dev", "edge");
    directory.record("staging", "gate");
    const { exitCode, stdout } = await directory.run(args, { env });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("gate");
    expect(stdout).not.toContain("edge");
  });
});

describe.concurrent("logs", () => {
  const log = Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join("");

  test("shows the last lines of one process", async () => {
    using directory = new Directory().asProject();
    directory.record("dev", "notes", {}, log);
    expect((await directory.run(["logs", "notes"])).stdout.split("\n")).toHaveLength(50);
    expect((await directory.run(["logs", "notes", "--lines", "2"])).stdout).toBe("line 59\nline 60");
  });

  test("shows all, each under its name", async () => {
    using directory = new Directory().asProject();
    directory.record("dev", "edge", {}, "listening\n");
    directory.record("dev", "notes", endedProcess(), "the disk is on fire\n");
    expect((await directory.run(["logs"])).stdout).toBe(
      "==> edge <==\nlistening\n==> notes <==\nthe disk is on fire",
    );
  });

  test("shows what it can of all, where one log is gone", async () => {
    using directory = new Directory().asProject();
    directory.record("dev", "edge", { logFile: "/gone/edge.log" });
    directory.record("dev", "notes", {}, "ready\n");
    const { stdout, stderr } = await directory.run(["logs"]);
    expect(stdout).toContain("ready");
    expect(stdout + stderr).toContain("/gone/edge.log can't be read");
  });

  test("says what is wrong with a damaged record", async () => {
    using directory = new Directory().asProject();
    directory.write(".mcp-infra/dev/processes/notes.json", "{");
    expect((await directory.run(["logs", "notes"])).stdout).toContain("is damaged");
  });

  test.each([
    [
      "a server that isn't there, and which are",
      ["logs", "nots"],
      'no process "nots"; there is edge, notes.',
    ],
    ["no number of lines", ["logs", "--lines", "many"], '--lines is "many"; give a whole number from 1.'],
    ["zero lines", ["logs", "-n", "0"], '--lines is "0"'],
  ])("refuses %s", async (_, args, message) => {
    using directory = new Directory().asProject();
    directory.record("dev", "edge");
    directory.record("dev", "notes");
    const { exitCode, stdout, stderr } = await directory.run(args);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(noStack);
  });

  test("has none where nothing runs", async () => {
    using directory = new Directory().asProject().withState();
    expect(await directory.run(["logs"])).toEqual({ exitCode: 1, stdout: "", stderr: "Nothing runs here." });
  });
});
