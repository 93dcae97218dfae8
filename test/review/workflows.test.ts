import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

interface Step {
  uses?: string;
  run?: string;
}

interface Workflow {
  on: string | Record<string, unknown>;
  permissions?: Record<string, string>;
  concurrency?: { group: string };
  jobs: Record<string, { steps: Step[]; permissions?: Record<string, string>; "timeout-minutes"?: number }>;
}

const read = (file: string) => parse(readFileSync(path.join(checkout, file), "utf8"));
const files = globSync(".github/workflows/*.yml", { cwd: checkout });
const workflows = files.map((file): [string, Workflow] => [path.basename(file), read(file)]);
const actions: Step[] = read(".github/actions/prepare/action.yml").runs.steps;

describe.each(workflows)("the workflow %s", (_, workflow) => {
  const steps = [...Object.values(workflow.jobs).flatMap((job) => job.steps), ...actions];

  test("runs commands that there are", async () => {
    const scripts = Object.keys(read("package.json").scripts);
    const { stdout: help } = await execa("node", ["cli/mcp-infra.js", "--help"], { cwd: checkout });
    const text = steps.map(({ run = "" }) => run).join("\n");
    const used = (pattern: RegExp) => [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []);
    for (const script of used(/npm run (\S+)/g)) expect(scripts).toContain(script);
    for (const verb of used(/npx mcp-infra (\S+)/g)) expect(help).toMatch(new RegExp(`^  ${verb} `, "m"));
    expect(used(/(npm run|npx mcp-infra)/g).length).toBeGreaterThan(1);
  });

  test("takes each action by its commit", () => {
    for (const { uses = "./" } of steps) expect(uses).toMatch(/^\.\/|@[0-9a-f]{40}$/);
  });

  test("puts nothing that others write into a script's text", () => {
    for (const { run = "" } of steps) expect(run).not.toContain("${{");
  });

  test("may do no more than it must, one at a time, and ends", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    expect(workflow.concurrency?.group).toBeTruthy();
    for (const job of Object.values(workflow.jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  test("never runs a fork's code beside secrets", () => {
    const events = typeof workflow.on === "string" ? [workflow.on] : Object.keys(workflow.on);
    expect(events).not.toContain("pull_request_target");
    expect(events).not.toContain("workflow_run");
  });
});

test("a fork's pull request gets a job without secrets, and no right to write", () => {
  const { jobs } = read(".github/workflows/preview.yml");
  expect(JSON.stringify(jobs.fork)).not.toContain("secrets.");
  expect(jobs.fork.permissions).toBeUndefined();
});
