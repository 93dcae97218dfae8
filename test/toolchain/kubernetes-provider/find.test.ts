import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kubernetesProvider } from "../../../toolchain/kubernetes-provider/find.mjs";

describe("which plugin a program's Kubernetes resources get", () => {
  let directory: string;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "mcp-infra-test-"));
    env = { PATH: join(directory, "bin"), PULUMI_HOME: join(directory, "home") };
  });
  afterEach(() => rm(directory, { recursive: true }));

  test("ours where there is no other, and ours on PATH is not the official one", async () => {
    const found = await kubernetesProvider(env);
    expect(found.kind).toBe("stand-in");
    const ours = found.kind === "stand-in" ? found.directory : "";
    const again = await kubernetesProvider({ ...env, PATH: [ours, env.PATH].join(delimiter) });
    expect(again).toEqual(found);
  });

  test("the official one on PATH", async () => {
    await mkdir(join(directory, "bin"));
    const plugin = join(directory, "bin", "pulumi-resource-kubernetes");
    await writeFile(plugin, "");
    await chmod(plugin, 0o755);
    expect(await kubernetesProvider(env)).toEqual({ kind: "official" });
  });

  test("the official one among Pulumi's plugins, when it is there to its end", async () => {
    const plugins = join(directory, "home", "plugins");
    await mkdir(join(plugins, "resource-kubernetes-cert-manager-v1.0.0"), { recursive: true });
    await mkdir(join(plugins, "resource-kubernetes-v4.34.2.partial"));
    expect((await kubernetesProvider(env)).kind).toBe("stand-in");
    await mkdir(join(plugins, "resource-kubernetes-v4.34.2"));
    expect((await kubernetesProvider(env)).kind).toBe("official");
  });
});
