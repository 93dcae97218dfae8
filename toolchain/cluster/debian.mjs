// @ts-check
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory, Refusal, say } from "../checkout.mjs";
import { withLock } from "./lock.mjs";

const exec = promisify(execFile);

const packages = ["containerd", "runc", "containernetworking-plugins", "nftables", "iproute2"];

/** A directory with what a node needs besides Kubernetes. */
export function findDebianPrograms() {
  return unpackedPackages("cluster", packages).catch((error) => {
    throw new Refusal(
      `${error.message}\n` +
        "They make a node here. Instead: set KUBECONFIG to a cluster that is there, or install Docker and kind.",
    );
  });
}

/**
 * A directory with some of the distribution's packages, and those of their dependencies that this machine lacks:
 * unpacked only, so that no service starts and nothing of the machine changes.
 * @param {string} purpose the folder in the cache
 * @param {readonly string[]} packages
 */
export async function unpackedPackages(purpose, packages) {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const field = (/** @type {string} */ name) =>
    release.match(new RegExp(`^${name}="?([\\w.-]+)`, "m"))?.[1] ?? "";
  const hash = createHash("sha256").update(packages.join()).digest("hex").slice(0, 8);
  const directory = join(
    cacheDirectory(),
    purpose,
    `${field("ID")}-${field("VERSION_ID")}-${process.arch}-${hash}`,
  );
  if (!existsSync(directory)) {
    await withLock(directory, async () => existsSync(directory) || (await unpack(directory, packages)));
  }
  return directory;
}

/** @param {string} root of the unpacked packages */
export function debianEnvironment(root) {
  const architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
  const directories = ["usr/bin", "usr/sbin", "bin", "sbin"];
  return {
    PATH: [
      ...directories.map((name) => join(root, name)),
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ].join(":"),
    LD_LIBRARY_PATH: join(root, "usr/lib", `${architecture}-linux-gnu`),
  };
}

async function unpack(/** @type {string} */ directory, /** @type {readonly string[]} */ packages) {
  say(`Fetching ${packages.join(", ")} …`);
  const unfinished = `${directory}.${process.pid}`;
  const archives = join(unfinished, "archives");
  await mkdir(join(archives, "partial"), { recursive: true });
  try {
    // apt knows which of their dependencies this machine lacks; those come along.
    const download = ["install", "--yes", "--download-only", "--reinstall", "--no-install-recommends"];
    const options = [`Dir::Cache::archives=${archives}`, "Debug::NoLocking=1", "APT::Sandbox::User=root"];
    const args = [...options.flatMap((option) => ["-o", option]), ...download, ...packages];
    await exec("apt-get", args).catch(async () => {
      await exec("apt-get", ["update"]); // Perhaps there were no package lists, or they were old.
      await exec("apt-get", args);
    });
    const root = join(unfinished, "root");
    for (const name of (await readdir(archives)).filter((name) => name.endsWith(".deb"))) {
      await exec("dpkg", ["-x", join(archives, name), root]);
    }
    await rename(root, directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Refusal(`Could not get ${packages.join(", ")} with apt-get: ${reason}`);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
