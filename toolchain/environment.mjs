// @ts-check
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { cacheDirectory, checkout, Refusal } from "./checkout.mjs";
import { kindKubeconfig, ownKubeconfig } from "./cluster/state.mjs";
import { kubernetesProvider } from "./kubernetes-provider/find.mjs";

/** Where this checkout keeps its own state: ignored by git, readable by its owner only. */
export const ownState = join(checkout, ".mcp-infra");

/** True when the user has not chosen a backend of their own. */
export function usesOwnBackend(env = process.env) {
  return !env.PULUMI_BACKEND_URL && !env.PULUMI_ACCESS_TOKEN;
}

/**
 * The environment to run Pulumi in: Node 24 first on PATH, nothing that asks the internet, and a backend.
 *
 * Without `state`, a backend and a passphrase that the user has set are respected. With `state` (a test's own
 * directory) the backend and the passphrase are there, whatever the user has set.
 *
 * @param {{ cli: import("./pulumi-cli.mjs").PulumiCli, state?: string, base?: NodeJS.ProcessEnv }} options
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function pulumiEnvironment({ cli, state, base = process.env }) {
  const env = scriptEnvironment(base);
  env.PULUMI_SKIP_UPDATE_CHECK ??= "true";
  // The passphrase's salt lives in the state, so that the committed stack configuration needs none (stack-files.mjs).
  env.PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER ??= "true";
  // The cluster that was started here, for stacks that run on one.
  const cluster = [ownKubeconfig, kindKubeconfig].find(existsSync);
  if (cluster) env.KUBECONFIG ??= cluster;
  if (cli.ownBuild) {
    env.PATH = [dirname(cli.path), env.PATH].join(delimiter);
    env.MCP_INFRA_LANGUAGE_HOST = join(checkout, "toolchain", "language-host", "main.ts");
    const provider = await kubernetesProvider(base);
    if (provider.kind === "stand-in") env.PATH = [env.PATH, provider.directory].join(delimiter);
    // Where Pulumi's download site is out of reach, a missing plugin should be an error and not a long wait.
    env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION ??= "true";
  }
  if (state) {
    for (const name of ["PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_STACK"]) delete env[name];
    await useBackendIn(state, env);
  } else if (usesOwnBackend(base)) {
    await useBackendIn(ownState, env, base);
  }
  return env;
}

/**
 * What every script of the checkout runs in, Pulumi or not.
 * @returns {NodeJS.ProcessEnv}
 */
export function scriptEnvironment(base = process.env) {
  return {
    // Program, plugin and policy pack are loaded anew for each preview and update; compiled once is a fifth faster.
    NODE_COMPILE_CACHE: join(cacheDirectory(), "node-compile"),
    ...base,
    PATH: [join(checkout, "node_modules", ".bin"), base.PATH].join(delimiter),
  };
}

/** @param {string} state @param {NodeJS.ProcessEnv} env @param {NodeJS.ProcessEnv} [base] */
async function useBackendIn(state, env, base = {}) {
  const backend = join(state, "backend");
  await mkdir(state, { recursive: true, mode: 0o700 });
  await mkdir(backend, { recursive: true, mode: 0o700 });
  env.PULUMI_BACKEND_URL = pathToFileURL(backend).href;
  if (base.PULUMI_CONFIG_PASSPHRASE === undefined && !base.PULUMI_CONFIG_PASSPHRASE_FILE) {
    env.PULUMI_CONFIG_PASSPHRASE_FILE = await passphraseIn(state);
  }
}

/**
 * A new passphrase opens nothing of what the old one closed, and then not even `down` would work.
 * @param {string} path @param {string} backend
 */
async function refuseIfLost(path, backend) {
  const stacks = await readdir(join(backend, ".pulumi", "stacks"), { recursive: true }).catch(() => []);
  if (!stacks.some((name) => name.endsWith(".json"))) return;
  throw new Refusal(
    `The passphrase of this checkout's stacks, ${path}, is gone, and their state can't be read without it.\n` +
      `Put the file back. If it is lost: end what still runs (npx mcp-infra status shows the processes), then remove ${backend}.`,
  );
}

/** Made on first use. Linked into place whole, so that two first uses at once agree on one passphrase. */
async function passphraseIn(/** @type {string} */ state) {
  const path = join(state, "passphrase");
  if (existsSync(path)) return path;
  await refuseIfLost(path, join(state, "backend"));
  const candidate = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(candidate, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    await link(candidate, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(candidate);
  }
  return path;
}
