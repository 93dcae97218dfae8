// @ts-check
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cacheDirectory, checkout, say } from "../checkout.mjs";
import { goBuild } from "../go-build.mjs";
import { withLock } from "./lock.mjs";

const sources = join(checkout, "toolchain", "cluster", "control-plane");
const withoutGo =
  "The parts of Kubernetes are not on this machine yet, and there is no Go to build them with.\n" +
  "Install Go 1.24 or newer and run this again, or set KUBECONFIG to a cluster that is there.";

/** What the one program is called as; see control-plane/main.go. */
const parts = [
  "coredns",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-proxy",
  "kube-scheduler",
  "kubelet",
];

/**
 * The directory with Kubernetes' programs, `pause` and `relay`: built before, or built now.
 * The cache is shared by all checkouts of a user; the hash of what goes into a build names it.
 */
export async function findPrograms() {
  const version = (await readFile(join(sources, "go.mod"), "utf8")).match(/k8s\.io\/kubernetes (v\S+)/)?.[1];
  if (!version) throw new Error(`${sources}/go.mod names no version of k8s.io/kubernetes`);
  const hash = createHash("sha256");
  for (const file of ["go.sum", "main.go", "pause/main.go", "relay/main.go"])
    hash.update(await readFile(join(sources, file)));
  const directory = join(cacheDirectory(), "cluster", `${version}-${hash.digest("hex").slice(0, 12)}`);
  if (!existsSync(directory)) {
    await withLock(
      directory,
      async () => existsSync(directory) || (await build(version, directory)),
      () => say("Another process builds Kubernetes; waiting for it …"),
    );
  }
  return directory;
}

/** The result appears under its name only when it is whole. */
async function build(/** @type {string} */ version, /** @type {string} */ directory) {
  say(`Building Kubernetes ${version} from source, once: this takes 5 to 15 minutes.`);
  const unfinished = `${directory}.${process.pid}`;
  await removeLeftovers(directory);
  await mkdir(unfinished, { recursive: true });
  const [, major, minor] = version.match(/^v(\d+)\.(\d+)/) ?? [];
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(stamps).map(
    ([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`,
  );
  try {
    for (const [name, main] of Object.entries({ "control-plane": ".", pause: "./pause", relay: "./relay" })) {
      const args = ["-trimpath", "-ldflags", `-s -w ${flags.join(" ")}`, "-o", join(unfinished, name), main];
      await goBuild(args, { cwd: sources, what: "Kubernetes", withoutGo });
    }
    for (const name of parts) await symlink("control-plane", join(unfinished, name));
    await rename(unfinished, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Of builds of the same that were killed. Whoever builds it holds the lock, so nobody else does now. */
async function removeLeftovers(/** @type {string} */ directory) {
  const names = await readdir(dirname(directory)).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(`${basename(directory)}.`))) {
    await rm(join(dirname(directory), name), { recursive: true });
  }
}
