import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import packages from "../../stacks/packages.json" with { type: "json" };

const script = (name: string) => fileURLToPath(new URL(`../../toolchain/${name}`, import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), "mcp-infra-given-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const full = path.join(directory, name);
  writeFileSync(full, text);
  return full;
}
function kubeconfig(server: string): string {
  const context = { name: "far", context: { cluster: "far", user: "me" } };
  const user = { name: "me", user: { token: "a-secret-token" } };
  const clusters = [{ name: "far", cluster: { server } }];
  return JSON.stringify({ "current-context": "far", contexts: [context], clusters, users: [user] });
}
const run = (name: string, args: string[], KUBECONFIG: string) =>
  execa(process.execPath, [script(name), ...args], { env: { KUBECONFIG }, reject: false });

mkdirSync(path.join(directory, "folder"));
const imperfect = [
  ["a file that isn't there", path.join(directory, "gone"), /gone can't be read/],
  ["a directory", path.join(directory, "folder"), /kubeconfig/],
  ["what is no YAML", file("garbage", "users:\n- token: a-secret-token\n  }{: ]"), /no kubeconfig in YAML/],
  ["a file without a cluster", file("empty", "kind: Config\n"), /no current context/],
  ["a cluster that is down", file("down", kubeconfig("https://127.0.0.1:2")), /refuses connections/],
  ["an address without TLS", file("plain", kubeconfig("http://127.0.0.1:1")), /is no https/],
] as const;

describe.concurrent("a cluster that KUBECONFIG names", () => {
  test.each(imperfect)("is not asked while the stack is prepared: %s", async (_, given) => {
    const stack = file("Pulumi.far.yaml", "config: { 'mcp-infra:kubernetes': { namespace: a, image: b } }");
    const { exitCode, stdout, stderr } = await run("prepare-kubernetes.mjs", ["far", stack], given);
    expect([exitCode, stdout]).toEqual([0, JSON.stringify({ KUBECONFIG: given })]);
    expect(stderr).toBe("Kubernetes: the cluster that KUBECONFIG names.");
  });

  test.each([...imperfect.map((each) => ["status", ...each] as const), ["up", ...imperfect[2]] as const])(
    "is told about in one line by `npm run cluster -- %s`: %s",
    async (verb, _, given, reason) => {
      const { exitCode, stdout, stderr } = await run("cluster/command.mjs", [verb], given);
      expect([exitCode, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(reason);
      expect(stderr).not.toMatch(/\n|a-secret-token/);
    },
  );

  test("is not waited for without end", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const given = file("silent", kubeconfig(`https://127.0.0.1:${port}`));
    const { exitCode, stderr } = await run("cluster/command.mjs", ["status"], given);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The cluster at https:\S+ .*in time.*$/);
  });

  test("gets its image from a registry: the commands are whole", async () => {
    const stack = file("Pulumi.near.yaml", "config: { 'mcp-infra:kubernetes': { namespace: a } }");
    const { exitCode, stderr } = await run("prepare-kubernetes.mjs", ["near", stack], "/no/such/file");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`--build-arg PACKAGES="${Object.values(packages).join(" ")}"`);
    expect(stderr).toContain("stacks/Pulumi.near.yaml");
    expect(stderr).toContain("npm run up -- --stack near");
  });
});
