// @ts-check
/**
 * For a stack that runs on Kubernetes: a cluster (the user's, or one started here), and the framework's image in it.
 * Called with the stack's name and its configuration file; prints what Pulumi's environment needs to have, as JSON. A program of
 * its own, on the Node that is installed by now: neither the Kubernetes client nor the image's builder runs on an older.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { checkout, Refusal, say } from "./checkout.mjs";
import { installCrds, openCluster } from "./cluster/index.mjs";
import { ownState } from "./environment.mjs";
import { buildImage } from "./image/index.ts";

/** What the stack's program takes for the image, where its configuration names none in a registry. */
const imageRecord = join(ownState, "image.json");

const names = {
  given: "the cluster that KUBECONFIG names",
  kind: "kind",
  own: "the test cluster on this machine",
};

/** @param {string} stack @param {string} stackFile */
async function prepare(stack, stackFile) {
  const { config = {} } = parse(await readFile(stackFile, "utf8")) ?? {};
  const wanted = config["mcp-infra:kubernetes"];
  if (!wanted) return {};
  const cluster = await openCluster();
  const nodes = cluster.nodes.length > 0 ? ` (${cluster.nodes.join(", ")})` : "";
  say(`Kubernetes: ${names[cluster.kind]}${nodes}.`);
  // What others' operators bring, such as Prometheus's; in a cluster of the user's they are not ours to install.
  if (cluster.kind !== "given") await installCrds(cluster.kubeconfig);
  if (!wanted.image) await provideImage(cluster, stack);
  return { KUBECONFIG: cluster.kubeconfig };
}

/** @param {import("./cluster/index.mjs").Cluster} cluster @param {string} stack */
async function provideImage(cluster, stack) {
  const packages = Object.values(
    JSON.parse(await readFile(join(checkout, "stacks", "packages.json"), "utf8")),
  );
  // By hand in the file: `pulumi config set` refuses a stack that is not made yet, and without one it takes another's file.
  if (cluster.kind === "given")
    throw new Refusal(
      "Your cluster takes images from registries. Build and push the framework's image:\n" +
        `  docker build -f gateway/Dockerfile --build-arg PACKAGES="${packages.join(" ")}" -t REGISTRY/mcp-infra . && docker push REGISTRY/mcp-infra\n` +
        `name it by its digest in stacks/Pulumi.${stack.split("/").at(-1)}.yaml, beside the namespace:\n` +
        "  mcp-infra:kubernetes:\n" +
        "    image: REGISTRY/mcp-infra@sha256:…\n" +
        "and go on:\n" +
        `  npm run up -- --stack ${stack}`,
    );
  const { reference, tar } = await buildImage({ packages });
  await cluster.loadImage(tar, reference);
  await mkdir(ownState, { recursive: true, mode: 0o700 });
  await writeFile(imageRecord, `${JSON.stringify({ reference, packages }, undefined, 2)}\n`);
}

try {
  const [, , stack = "", stackFile = ""] = process.argv;
  process.stdout.write(JSON.stringify(await prepare(stack, stackFile)));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  say(error.message);
  process.exitCode = 1;
}
