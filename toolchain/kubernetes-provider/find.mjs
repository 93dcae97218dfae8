// @ts-check
import { constants } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const plugin = "pulumi-resource-kubernetes";

/** Where the stand-in's executable is. */
const standIn = fileURLToPath(new URL("bin", import.meta.url));

/**
 * The plugin that a program's Kubernetes resources get: the official one where it is to be had, else ours, whose
 * directory is then to be on PATH. Pulumi takes what is on PATH, then what is among its plugins.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ kind: "official" } | { kind: "stand-in", directory: string }>}
 */
export async function kubernetesProvider(env = process.env) {
  const official = (await isOnPath(env)) || (await isAmongPlugins(env));
  return official ? { kind: "official" } : { kind: "stand-in", directory: standIn };
}

/** The stand-in is on PATH too, in whatever we started; that is not the official one. */
async function isOnPath(/** @type {NodeJS.ProcessEnv} */ env) {
  for (const directory of (env.PATH ?? "").split(delimiter).filter(Boolean)) {
    if (directory === standIn) continue;
    const found = await access(join(directory, plugin), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

async function isAmongPlugins(/** @type {NodeJS.ProcessEnv} */ env) {
  const home = env.PULUMI_HOME || join(homedir(), ".pulumi");
  const plugins = await readdir(join(home, "plugins")).catch(() => []);
  // Beside a plugin that was not installed to its end there are `.partial` and `.lock`.
  return plugins.some((name) => /^resource-kubernetes-v[\d.]+[^/]*(?<!\.partial|\.lock)$/.test(name));
}
