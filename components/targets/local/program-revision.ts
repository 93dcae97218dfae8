import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const gatewayPrograms = fileURLToPath(new URL("../../../gateway", import.meta.url));

/**
 * Digest of the programs that this framework itself runs, the gateway and the bridge: an upgrade that changes
 * them restarts what runs them, and one that doesn't restarts nothing.
 */
export function programRevision(): string {
  const digest = createHash("sha256");
  const files = readdirSync(gatewayPrograms, { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.[jt]s$/.test(file),
  );
  for (const file of files.sort()) digest.update(file).update(readFileSync(path.join(gatewayPrograms, file)));
  return digest.digest("hex").slice(0, 16);
}
