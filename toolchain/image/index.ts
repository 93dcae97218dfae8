import { copyFileSync } from "node:fs";
import { resolve } from "node:path";
import type { PinnedPackage } from "../../gateway/packages/npm-package.ts";
import { Refusal } from "../checkout.mjs";
import { archive } from "./archive.ts";
import { baseKey, writeBase } from "./base.ts";
import { type Blob, cachedBlob, jsonBlob } from "./blobs.ts";
import { containerConfig, imageName } from "./layout.ts";
import { ociArchive } from "./oci-archive.ts";
import { programKey, writeProgram } from "./program.ts";
import { parsePackages, serverPackageKey, writeServerPackage } from "./server-package.ts";

/** The image that runs everything of ours in a cluster. */
export interface Image {
  /** `mcp-infra.local/mcp-infra@sha256:…`, by the digest of its manifest. */
  readonly reference: string;
  /** An OCI image layout in a tar file. */
  readonly tar: string;
  /** The npm packages of servers that are in it, as a declaration writes them. */
  readonly packages: readonly string[];
}

const oci = "application/vnd.oci.image";
const architectures: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/**
 * Builds the image without Docker, for the processor that it is built on. The same inputs give the same digest, and
 * what was built before is not built again.
 *
 * @param options packages: `npm:name@1.2.3` of the servers to have in it; out: where the tar file goes, else to the cache.
 */
export async function buildImage(options: { packages: string[]; out?: string }): Promise<Image> {
  if (process.platform !== "linux") {
    throw new Refusal(
      "An image has the Node it is built with, so it is built on Linux; or use gateway/Dockerfile.",
    );
  }
  const packages = parsePackages(options.packages);
  // One after the other: each is bound by the disk, or by npm.
  const layers = [await baseLayer(), await programLayer()];
  for (const each of packages) layers.push(await packageLayer(each));
  const manifest = describeImage(layers);
  const reference = `${imageName}@${manifest.blob.digest}`;
  const kept = await ociArchive(reference, manifest);
  const tar = options.out === undefined ? kept : resolve(options.out);
  if (tar !== kept) copyFileSync(kept, tar);
  return { reference, tar, packages: packages.map(({ name, version }) => `npm:${name}@${version}`) };
}

function baseLayer(): Promise<Blob> {
  return layer("base", baseKey(), async (root) => writeBase(root), ["tmp"]);
}

function programLayer(): Promise<Blob> {
  return layer("program", programKey(), writeProgram);
}

async function packageLayer(wanted: PinnedPackage): Promise<Blob> {
  return layer("package", await serverPackageKey(wanted), (root) => writeServerPackage(root, wanted));
}

function layer(
  kind: string,
  key: string,
  write: (root: string) => Promise<void>,
  shared: string[] = [],
): Promise<Blob> {
  return cachedBlob(`${kind} ${key}`, async (file, workplace) => {
    await write(workplace);
    await archive(workplace, file, shared);
  });
}

/** The layers are not compressed: whoever sends them compresses, and where they are only loaded it would be lost time. */
function describeImage(layers: readonly Blob[]): { blob: Blob; parts: readonly Blob[] } {
  const config = jsonBlob({
    architecture: architectures[process.arch] ?? process.arch,
    os: "linux",
    config: containerConfig,
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config: { mediaType: `${oci}.config.v1+json`, ...config },
    layers: layers.map((each) => ({ mediaType: `${oci}.layer.v1.tar`, ...each })),
  });
  return { blob: manifest, parts: [manifest, config, ...layers] };
}
