import { existsSync, linkSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { archive } from "./archive.ts";
import { type Blob, blobFile, imageCache } from "./blobs.ts";

const dayInMilliseconds = 86_400_000;

/**
 * The tar file of an image, made now unless it is there.
 *
 * @param reference the image's name, by which containerd knows it once the file is imported.
 * @param image its manifest, and all that it consists of.
 */
export async function ociArchive(
  reference: string,
  image: { blob: Blob; parts: readonly Blob[] },
): Promise<string> {
  const kept = join(imageCache(), `${image.blob.digest.slice(7)}.tar`);
  if (!existsSync(kept)) await write(kept, reference, image);
  utimesSync(kept, new Date(), new Date());
  await removeUnused();
  return kept;
}

async function write(
  kept: string,
  reference: string,
  { blob, parts }: { blob: Blob; parts: readonly Blob[] },
) {
  const workplace = await mkdtemp(join(imageCache(), ".work-"));
  try {
    const root = join(workplace, "image");
    for (const part of parts) {
      const file = join(root, "blobs", part.digest.replace(":", "/"));
      mkdirSync(dirname(file), { recursive: true });
      linkSync(blobFile(part), file);
    }
    const manifest = {
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      ...blob,
      annotations: { "io.containerd.image.name": reference },
    };
    writeFileSync(join(root, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
    writeFileSync(join(root, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
    const draft = join(workplace, "image.tar");
    await archive(root, draft);
    renameSync(draft, kept);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

/** Every change of the gateway makes another image; those that nobody has asked for in a while go, and their parts. */
async function removeUnused(): Promise<void> {
  const folders = [imageCache(), join(imageCache(), "blobs", "sha256"), join(imageCache(), "made")];
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (!found || Date.now() - found.mtimeMs < 7 * dayInMilliseconds) continue;
      if (found.isFile() || name.startsWith(".work-")) await rm(path, { recursive: true, force: true });
    }
  }
}
