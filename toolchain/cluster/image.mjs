// @ts-check
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";

/** @typedef {{ path: string, content: Buffer, mode?: number }} ArchivedFile */

/**
 * Writes an image of one layer as an OCI archive, without a builder. The same files give the same digest.
 * @param {string} path
 * @param {{ files: ArchivedFile[], config: Record<string, unknown> }} image config: Entrypoint, Env, User, …
 * @returns {Promise<string>} the manifest's digest
 */
export async function writeImage(path, { files, config }) {
  const layer = tar(files);
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const configuration = json({
    architecture,
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: [digest(layer)] },
  });
  const oci = "application/vnd.oci.image";
  const manifest = json({
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config: described(`${oci}.config.v1+json`, configuration),
    layers: [described(`${oci}.layer.v1.tar`, layer)],
  });
  const index = json({ schemaVersion: 2, manifests: [described(`${oci}.manifest.v1+json`, manifest)] });
  const blobs = [layer, configuration, manifest];
  const archive = tar([
    { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) },
    { path: "index.json", content: index },
    ...blobs.map((content) => ({ path: `blobs/${digest(content).replace(":", "/")}`, content })),
  ]);
  await writeFile(path, archive);
  return digest(manifest);
}

function json(/** @type {unknown} */ value) {
  return Buffer.from(JSON.stringify(value));
}

function digest(/** @type {Buffer} */ content) {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function described(/** @type {string} */ mediaType, /** @type {Buffer} */ content) {
  return { mediaType, digest: digest(content), size: content.length };
}

/** The tar format (ustar), as far as it takes: regular files with short names, owned by root, without times. */
function tar(/** @type {ArchivedFile[]} */ files) {
  const blocks = files.flatMap(({ path, content, mode = 0o644 }) => {
    if (Buffer.byteLength(path) > 99) throw new Error(`Too long a name for this archive: ${path}`);
    const octal = (/** @type {number} */ value, /** @type {number} */ length) =>
      `${value.toString(8).padStart(length - 1, "0")}\0`;
    const header = Buffer.alloc(512);
    header.write(path, 0);
    header.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(content.length, 12) + octal(0, 12), 100);
    header.write("        0", 148); // The checksum counts as blanks; then the type, a file.
    header.write("ustar\x0000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc(-content.length & 511)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
