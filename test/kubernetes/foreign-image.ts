import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDirectory } from "../../toolchain/checkout.mjs";
import { writeImage } from "../../toolchain/cluster/image.mjs";
import { withLock } from "../../toolchain/cluster/lock.mjs";
import { goBuild } from "../../toolchain/go-build.mjs";
import type { TestCluster } from "./cluster.ts";

const sources = fileURLToPath(new URL("./foreign-server", import.meta.url));

/** Brings an image into the cluster that has one static program, `/server`: no Node, no shell, no C library. */
export async function loadForeignImage({ loadImage }: TestCluster): Promise<string> {
  const content = await readFile(await foreignServer());
  const directory = await mkdtemp(join(tmpdir(), "mcp-infra-image-"));
  try {
    const archive = join(directory, "image.tar");
    const files = [{ path: "server", content, mode: 0o755 }];
    const digest = await writeImage(archive, { files, config: { Entrypoint: ["/server"] } });
    const reference = `mcp-infra.local/foreign-server@${digest}`;
    await loadImage(archive, reference);
    return reference;
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The program, built before or built now; what it is built from names it. */
async function foreignServer(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "main.go"]) hash.update(await readFile(join(sources, file)));
  const program = join(cacheDirectory(), `foreign-server-${hash.digest("hex").slice(0, 12)}`);
  await withLock(program, async () => {
    if (existsSync(program)) return;
    const unfinished = `${program}.unfinished`;
    await goBuild(["-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", unfinished, "."], {
      cwd: sources,
      what: "the foreign server",
      withoutGo:
        "The foreign server of the tests is written in Go, and there is no Go on PATH to build it with.",
    });
    await rename(unfinished, program);
  });
  return program;
}
