import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isAlive } from "../../components/targets/local/provider/identity.ts";
import { freePorts, Project } from "./project.ts";

/** A day in the life of a stack, through the real CLI on real servers; each test goes on where the last one ended. */
describe("a stack on this machine", () => {
  const given = "given-canary-4f1c77";
  let project: Project;
  const printed: string[] = [];
  const keep = <Kept extends { output: string }>(run: Kept) => {
    printed.push(run.output);
    return run;
  };
  const up = async (variation: string) => keep(await project.up("--config", `variation=${variation}`));
  const preview = async (variation: string) =>
    keep(await project.preview("--config", `variation=${variation}`));
  const health = async () => {
    const { endpoint } = await project.outputs();
    return (await fetch(new URL("/health", String(endpoint)))).json() as Promise<{ status: string }>;
  };

  beforeAll(async () => {
    project = await Project.running("program.ts");
    await project.configure({ ports: await freePorts(2) });
    await project.pulumi("config", "set", "--secret", "given", given);
  });
  afterAll(() => project[Symbol.asyncDispose]());

  test("goes up, and the smoke test is green", async () => {
    const { exitCode, output } = await up("none");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
    expect(await health()).toMatchObject({ status: "ok" });
    expect(Object.values(project.processes()).map(({ name, alive }) => [name, alive])).toEqual([
      ["edge", true],
      ["notes", true],
      ["utilities", true],
    ]);
  });

  test("stays as it is when nothing has changed", async () => {
    const before = project.processes();
    const { exitCode, output } = await up("none");
    expect(exitCode).toBe(0);
    expect(output).toMatch(/\d+ unchanged/);
    expect(output).not.toMatch(/updated|created|replaced|smoke test:/);
    expect(project.processes()).toEqual(before);
  });

  test("a changed server restarts alone, and is proved again", async () => {
    const before = project.processes();
    const { exitCode, output } = await up("notes-changed");
    expect(exitCode, output).toBe(0);
    const after = project.processes();
    expect(after.notes?.pid).not.toBe(before.notes?.pid);
    expect(after.utilities?.pid).toBe(before.utilities?.pid);
    expect(after.edge?.pid).toBe(before.edge?.pid);
    expect(output).toMatch(/smoke test: PASSED/);
  });

  test("a changed secret restarts the server that uses it, and no other", async () => {
    const before = project.processes();
    await project.pulumi("config", "set", "--secret", "given", `${given}-rotated`);
    const { exitCode, output } = await up("notes-changed");
    expect(exitCode, output).toBe(0);
    const after = project.processes();
    expect(after.utilities?.pid).not.toBe(before.utilities?.pid);
    expect(after.notes?.pid).toBe(before.notes?.pid);
    expect(after.edge?.pid).toBe(before.edge?.pid);
    expect(await readFile(`/proc/${after.utilities?.pid}/environ`, "utf8")).toContain(
      `GIVEN=${given}-rotated`,
    );
  });

  test("a gateway that died shows in the preview, and the next up brings it back", async () => {
    process.kill(project.processes().edge?.pid ?? 0, "SIGKILL");
    await expect.poll(() => project.processes().edge?.alive, { timeout: 5_000 }).toBe(false);
    const status = await project.cli("status");
    expect(status.exitCode).toBe(1);
    expect(status.output).toMatch(/edge.*dead/);
    const drift = keep(await project.cli("drift"));
    expect(drift.exitCode, drift.output).toBe(2);
    expect(drift.output).toMatch(/gateway edge was found down/);

    const shown = await preview("notes-changed");
    expect(shown.exitCode).toBe(0);
    expect(shown.output).toMatch(/edge-process update \[diff: ~status\]/);

    const { exitCode, output } = await up("notes-changed");
    expect(exitCode, output).toBe(0);
    expect(await health()).toMatchObject({ status: "ok" });
    expect((await project.cli("status")).exitCode).toBe(0);
  });

  test("a server that won't start fails the update, with its property and the last lines of its stderr", async () => {
    const { exitCode, output } = await up("notes-broken");
    expect(exitCode).not.toBe(0);
    expect(output).toContain("the disk is on fire");
    expect(output).toContain("stdio.command");
    expect(output).not.toMatch(/ {4}at /);
  });

  test("the next up repairs it", async () => {
    const { exitCode, output } = await up("none");
    expect(exitCode, output).toBe(0);
    expect(await health()).toMatchObject({ status: "ok" });
  });

  test("a stack that doesn't serve its consumers is red, and stays red until it is mended", async () => {
    for (const time of ["first", "second"]) {
      const { exitCode, output } = await up("expectation-broken");
      expect(exitCode, time).not.toBe(0);
      expect(output, time).toMatch(/smoke test: FAILED/);
      expect(output, time).toContain("goodbye");
    }
    // Mended by a change of its own, it is proved anew; put back as it was, the evidence of then would still hold.
    const { exitCode, output } = await up("notes-changed");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/smoke test: PASSED/);
  });

  test("the command line says the same as the deployment", async () => {
    const smoke = await project.cli("smoke", "--json");
    expect(smoke.exitCode, smoke.output).toBe(0);
    expect(JSON.parse(smoke.output)).toMatchObject({ passed: true });
    expect((await project.cli("logs", "notes")).output).toContain("Knowledge Graph");
    expect((await project.cli("diagram")).output).toContain("flowchart");
    const { tokens } = (await project.outputs()) as { tokens: Record<string, string> };
    expect((await project.cli("token", "reader")).output).toBe(tokens.reader);
    const clients = keep(await project.cli("clients", "reader"));
    expect(clients.exitCode).toBe(0);
    expect((await project.cli("clients", "nobody")).output).toContain("there is reader, writer");
  });

  test("no secret stands in anything that the runs left behind or printed", async () => {
    const { tokens } = (await project.outputs()) as { tokens: Record<string, string> };
    const environment = await readFile(`/proc/${project.processes().utilities?.pid}/environ`, "utf8");
    const made = /MADE=([^\0]+)/.exec(environment)?.[1] ?? "";
    const secrets = [given, made, ...Object.values(tokens)];
    expect(secrets.every((secret) => secret.length > 10)).toBe(true);

    const left = await filesBelow(project.directory);
    const sockets = Object.values(project.processes()).flatMap(({ socket }) =>
      socket ? [path.dirname(socket)] : [],
    );
    const texts: [string, string][] = [["what was printed", printed.join("\n")]];
    for (const file of left) texts.push([file, await readFile(file, "latin1")]);
    for (const { name, pid } of Object.values(project.processes()))
      texts.push([`arguments of ${name}`, await readFile(`/proc/${pid}/cmdline`, "utf8")]);
    for (const [where, text] of texts)
      for (const secret of secrets) expect(text.includes(secret), where).toBe(false);

    expect(left.length).toBeGreaterThan(10);
    const own = left.filter((file) => file.includes(`${path.sep}.mcp-infra${path.sep}`));
    for (const file of [...own, ...sockets]) expect((await stat(file)).mode & 0o077, file).toBe(0);
  });

  test("goes down and leaves no process, no socket and no file of its own", async () => {
    const before = Object.values(project.processes());
    const { exitCode, output } = keep(await project.pulumi("destroy", "--yes"));
    expect(exitCode, output).toBe(0);
    for (const record of before) expect(isAlive(record), record.name).toBe(false);
    for (const { socket } of before) if (socket) await expect(stat(socket)).rejects.toThrow();
    expect(await filesBelow(path.join(project.directory, ".mcp-infra"))).toEqual([]);
  });
});

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => path.join(entry.parentPath, entry.name));
}
