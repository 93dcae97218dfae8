import { expect, test } from "vitest";
import { Project } from "./project.ts";

test("a program that exports nothing has its faults told without a stack, late as they come", async () => {
  await using project = await Project.running("without-outputs.ts");
  const kubeconfig = JSON.stringify({
    "current-context": "nowhere",
    contexts: [{ name: "nowhere", context: { cluster: "nowhere", user: "nobody" } }],
    clusters: [{ name: "nowhere", cluster: { server: "https://127.0.0.1:9" } }],
    users: [{ name: "nobody", user: {} }],
  });
  const image = { reference: `image@sha256:${"0".repeat(64)}` };
  await project.configure({ kubernetes: { namespace: "nowhere", image, kubeconfig } });
  const { exitCode, output } = await project.preview();
  expect(exitCode).not.toBe(0);
  expect(output).toContain("the declaration is refused\n    ✗ kubernetes: kubeconfig: the cluster at");
  expect(output).not.toMatch(/ {4}at |unhandled/);
});
