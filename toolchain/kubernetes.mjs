// @ts-check
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkout, Refusal, say } from "./checkout.mjs";
import { ownState, scriptEnvironment } from "./environment.mjs";

/** What the stack's program takes for the image, where its configuration names none in a registry. */
const imageRecord = join(ownState, "image.json");

/**
 * For a stack that runs on Kubernetes: a cluster (the user's, or one started here), and the framework's image in it.
 * @param {string} stackFile the stack's configuration
 * @returns {Promise<NodeJS.ProcessEnv>} what Pulumi needs to know of it
 */
export async function prepareKubernetes(stackFile) {
  const { parse } = await import("yaml");
  const { config = {} } = parse(await readFile(stackFile, "utf8")) ?? {};
  const wanted = config["mcp-infra:kubernetes"];
  if (!wanted) return {};
  const { installCrds, openCluster } = await import("./cluster/index.mjs");
  const cluster = await openCluster();
  // What others' operators bring, such as Prometheus's; in a cluster of the user's they are not ours to install.
  if (cluster.kind !== "given") await installCrds(cluster.kubeconfig);
  say(
    `Kubernetes: ${{ given: "the cluster of KUBECONFIG", kind: "kind", own: "our own test cluster" }[cluster.kind]}.`,
  );
  if (!wanted.image) await provideImage(cluster);
  return { KUBECONFIG: cluster.kubeconfig };
}

/** @param {Awaited<ReturnType<typeof import("./cluster/index.mjs").openCluster>>} cluster */
async function provideImage(cluster) {
  if (cluster.kind === "given")
    throw new Refusal(
      "Your cluster takes images from registries. Build and push the framework's image:\n" +
        '  docker build -f gateway/Dockerfile --build-arg PACKAGES="…" -t REGISTRY/mcp-infra . && docker push REGISTRY/mcp-infra\n' +
        "and name it by its digest: npm run pulumi -- config set --path kubernetes.image REGISTRY/mcp-infra@sha256:…",
    );
  const packages = Object.values(
    JSON.parse(await readFile(join(checkout, "stacks", "packages.json"), "utf8")),
  );
  const image = await buildImage(packages);
  await cluster.loadImage(image.tar, image.reference);
  await mkdir(ownState, { recursive: true, mode: 0o700 });
  await writeFile(imageRecord, `${JSON.stringify({ reference: image.reference, packages }, undefined, 2)}\n`);
}

/** In a process of its own: the builder is TypeScript, and this may run on a Node that has none. */
async function buildImage(/** @type {string[]} */ packages) {
  const builder = join(checkout, "toolchain", "image", "main.ts");
  const options = { env: scriptEnvironment(), cwd: checkout };
  const built = promisify(execFile)("node", [builder, ...packages], options);
  const { stdout } = await built.catch((error) => {
    throw new Refusal(`The framework's image can't be built:\n${error.stderr || error.message}`);
  });
  const [reference = "", tar = ""] = stdout.trim().split("\n");
  return { reference, tar };
}
