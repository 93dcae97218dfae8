import { chmodSync, copyFileSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sharedObjects } from "../../gateway/runtime/shared-objects.ts";
import { layout, user } from "./layout.ts";

/** The programs of the lowest layer, by their paths in the image: Node, what it is linked to, and nothing else. */
function programs(): Map<string, string> {
  const { loader, libraries } = sharedObjects();
  // Paths as the dynamic linker found them, so that it finds them again without a cache of its own.
  const linked = [loader, ...libraries].map((path) => [path.slice(1), path] as const);
  return new Map([[layout.node, process.execPath], ...linked]);
}

/** Changes when what {@link writeBase} writes changes, without reading it all. */
export function baseKey(): string {
  const files = [...programs()].map(([path, source]) => {
    const { size, mtimeMs } = statSync(source);
    return [path, size, mtimeMs];
  });
  return JSON.stringify([process.version, process.arch, files, FILES]);
}

/**
 * No certificates: Node brings the public authorities with it, and those that this machine trusts beside them are
 * nobody else's business.
 */
const FILES: Record<string, string> = {
  "etc/passwd": `root:x:0:0:root:/:/sbin/nologin\n${user.name}:x:${user.id}:${user.id}::/tmp:/sbin/nologin\n`,
  "etc/group": `root:x:0:\n${user.name}:x:${user.id}:\n`,
  // Service names first where Kubernetes writes them.
  "etc/nsswitch.conf": "hosts: files dns\n",
};

/** Writes the lowest layer: a machine with Node, a user to run it as and a `/tmp`. */
export function writeBase(root: string): void {
  for (const [path, source] of programs()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(source, join(root, path));
    chmodSync(join(root, path), 0o755);
  }
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, "tmp"));
  chmodSync(join(root, "tmp"), 0o1777);
}
