// @ts-check
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  ApiextensionsV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { cacheDirectory, Refusal, say } from "../checkout.mjs";
import { fieldManager, load } from "./client.mjs";
import { waitFor } from "./processes.mjs";

/** The resource types of others that a cluster for MCP servers often has, as their own Go modules carry them. */
const sources = [
  {
    module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    directory: "example/prometheus-operator-crd",
    files: /_(servicemonitors|podmonitors|prometheusrules|alertmanagerconfigs)\.yaml$/,
  },
  {
    module: "sigs.k8s.io/gateway-api@v1.4.1",
    directory: "config/crd/standard",
    files: /^gateway\.networking\.k8s\.io_/,
  },
  { module: "github.com/cert-manager/cert-manager@v1.19.1", directory: "deploy/crds", files: /\.yaml$/ },
  {
    module: "github.com/external-secrets/external-secrets@v1.3.2",
    directory: "config/crds/bases",
    files: /^external-secrets\.io_/,
  },
];

/**
 * Adds the types that the cluster does not have, and waits until they can be used. Those it has stay as they are.
 * @param {string} kubeconfig
 */
export async function installCrds(kubeconfig) {
  const api = load(kubeconfig).makeApiClient(ApiextensionsV1Api);
  const present = new Set(
    (await api.listCustomResourceDefinition()).items.map(({ metadata }) => metadata?.name),
  );
  const missing = (await findCrds()).filter(({ metadata }) => !present.has(metadata?.name));
  if (missing.length === 0) return;
  // As a custom object: where the client knows a type, it drops the fields that it does not know (x-kubernetes-…).
  const objects = load(kubeconfig).makeApiClient(CustomObjectsApi);
  const type = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  const serverSide = setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply);
  await Promise.all(
    missing.map((body) => {
      const name = body.metadata?.name ?? "";
      return objects.patchClusterCustomObject({ ...type, name, body, fieldManager }, serverSide);
    }),
  );
  const added = new Set(missing.map(({ metadata }) => metadata?.name));
  await waitFor("The custom resource types", 60, async () => {
    const { items } = await api.listCustomResourceDefinition();
    const usable = items.filter(
      ({ metadata, status }) =>
        added.has(metadata?.name) &&
        status?.conditions?.some(({ type, status }) => type === "Established" && status === "True"),
    );
    return usable.length === added.size || undefined;
  });
}

/** @returns {Promise<import("./client.mjs").KubernetesResource[]>} */
async function findCrds() {
  const hash = createHash("sha256").update(sources.map(Object.values).join()).digest("hex").slice(0, 12);
  const cached = join(cacheDirectory(), "cluster", `crds-${hash}.json`);
  if (!existsSync(cached)) {
    say("Fetching the custom resource types …");
    const found = (await Promise.all(sources.map(read))).flat();
    await mkdir(dirname(cached), { recursive: true });
    await writeFile(`${cached}.${process.pid}`, JSON.stringify(found));
    await rename(`${cached}.${process.pid}`, cached);
  }
  return JSON.parse(await readFile(cached, "utf8"));
}

/** @param {(typeof sources)[number]} source */
async function read({ module, directory, files }) {
  // Outside of every module, so that none gets to know of it.
  const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", module], {
    cwd: tmpdir(),
  }).catch((error) => {
    throw new Refusal(`Could not get ${module} with \`go mod download\`: ${error.message}`);
  });
  const path = join(JSON.parse(stdout).Dir, directory);
  const names = (await readdir(path)).filter((name) => files.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), "utf8")));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()))
    .filter((resource) => resource?.kind === "CustomResourceDefinition");
}
