import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { checkout, freePorts, Project } from "./project.ts";

/** The ports that the recorded stack had. */
const recordedPorts = ["32863", "33855"];

test("a stack that an older version deployed goes up with this one: nothing is replaced, tokens and data stay", async () => {
  await using project = await Project.running("upgraded.ts");
  const ports = await freePorts(2);
  await project.configure({ ports });
  const recorded = await readFile(path.join(checkout, "test/e2e/recorded/state-0.1.json"), "utf8");
  const state = recordedPorts.reduce(
    (text, port, index) => text.replaceAll(port, String(ports[index])),
    recorded.replaceAll("@@directory@@", project.directory),
  );
  // Its secrets stand there in plain text; the new stack's own key closes them.
  const { output: empty } = await project.pulumi("stack", "export");
  const { secrets_providers } = JSON.parse(empty).deployment;
  const { deployment, ...rest } = JSON.parse(state);
  const file = path.join(project.directory, "state.json");
  await writeFile(file, JSON.stringify({ ...rest, deployment: { ...deployment, secrets_providers } }));
  const imported = await project.pulumi("stack", "import", "--file", file);
  expect(imported.exitCode, imported.output).toBe(0);
  const { token } = await project.outputs();

  const { exitCode, output } = await project.up();
  expect(exitCode, output).toBe(0);
  expect(output).not.toMatch(/replaced|deleted|created/);
  expect(output).toMatch(/smoke test: PASSED/);
  expect((await project.outputs()).token, "clients go on with the token that they have").toBe(token);

  const again = await project.up();
  expect(again.output).toMatch(/\d+ unchanged/);
  expect(again.output).not.toMatch(/updated/);
});
