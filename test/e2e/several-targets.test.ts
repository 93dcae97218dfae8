import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await Project.running("several-targets.ts");
});
afterAll(() => project?.[Symbol.asyncDispose]());

test("what would be in each other's way on Kubernetes, or out of reach, is refused all at once", async () => {
  const { exitCode, output } = await project.preview();
  expect(exitCode).not.toBe(0);
  expect(output).toMatch(/gateway first: servers: far.* runs on a target in namespace back.*no route/);
  expect(output).toMatch(/gateway second: target.* exposes mcp\.example\.com.* gateway first/);
  expect(output).toMatch(/Deployment second.* would be made twice/);
  expect(output).not.toMatch(/unhandled|at file:/);
});
