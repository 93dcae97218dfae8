import { createHash, type Hash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { cacheDirectory } from "../checkout.mjs";

/** Something that an image consists of, by its content. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
}

const blobSchema = z.object({ digest: z.string(), size: z.number() });

/** Where images and their parts are kept for all checkouts of a user. */
export function imageCache(): string {
  return join(cacheDirectory(), "images");
}

/** The file of a blob. */
export function blobFile({ digest }: Blob): string {
  return join(imageCache(), "blobs", digest.replace(":", "/"));
}

/** The digest of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Keeps a JSON document as a blob. */
export function jsonBlob(value: unknown): Blob {
  const text = JSON.stringify(value);
  const blob = { digest: digestOf(text), size: Buffer.byteLength(text) };
  const file = blobFile(blob);
  mkdirSync(join(file, ".."), { recursive: true });
  writeWhole(file, text);
  return blob;
}

/**
 * The blob that was made from these inputs before, else one made now.
 *
 * @param inputs whatever changes when the content must.
 * @param make writes the content to the file that it is given; it has a folder to itself.
 */
export async function cachedBlob(
  inputs: string,
  make: (file: string, workplace: string) => Promise<void>,
): Promise<Blob> {
  const note = join(imageCache(), "made", `${digestOf(inputs).slice(7)}.json`);
  const known = noted(note);
  if (known && existsSync(blobFile(known))) {
    for (const used of [note, blobFile(known)]) utimesSync(used, new Date(), new Date());
    return known;
  }
  mkdirSync(join(imageCache(), "made"), { recursive: true });
  const workplace = await mkdtemp(join(imageCache(), ".work-"));
  try {
    const made = join(workplace, "blob");
    await make(made, workplace);
    const blob = await described(made);
    mkdirSync(join(blobFile(blob), ".."), { recursive: true });
    renameSync(made, blobFile(blob));
    writeWhole(note, JSON.stringify(blob));
    return blob;
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

function noted(note: string): Blob | undefined {
  try {
    return blobSchema.parse(JSON.parse(readFileSync(note, "utf8")));
  } catch {
    return undefined;
  }
}

async function described(file: string): Promise<Blob> {
  const hash: Hash = createHash("sha256");
  let size = 0;
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), async (chunks) => {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
    }
  });
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

/** Others may write the same at the same time; nobody sees half of it. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}
