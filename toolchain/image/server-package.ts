import { chmodSync, cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ensurePackage, packageFolder } from "../../components/targets/local/provider/package-cache.ts";
import { type PinnedPackage, packageFolderIn, parsePackage } from "../../gateway/packages/npm-package.ts";
import { Refusal } from "../checkout.mjs";
import { layout } from "./layout.ts";

/** Reads the packages of a command line, each once, in a fixed order. */
export function parsePackages(texts: readonly string[]): PinnedPackage[] {
  return [...new Set(texts)].sort().map((text) => {
    const wanted = parsePackage(text);
    if (!wanted)
      throw new Refusal(
        `${text}: expected the form npm:name@1.2.3; only a pinned version can be in an image.`,
      );
    return wanted;
  });
}

/** Installs a package where the local target keeps it too, and answers what changes when its content does. */
export async function serverPackageKey(wanted: PinnedPackage): Promise<string> {
  await ensurePackage(wanted);
  const lock = readFileSync(join(packageFolder(wanted), "package-lock.json"), "utf8");
  return JSON.stringify([wanted.name, wanted.version, lock]);
}

/** Writes one server's package, with all that it depends on, to its place in the store. */
export async function writeServerPackage(root: string, wanted: PinnedPackage): Promise<void> {
  await ensurePackage(wanted);
  const target = packageFolderIn(join(root, layout.packages), wanted);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(packageFolder(wanted), target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !isInstallersNote(path),
  });
  chmodSync(target, 0o755); // The cache is its owner's alone.
}

/** npm writes down from which registry it took things: that differs from machine to machine. */
function isInstallersNote(path: string): boolean {
  return basename(path) === ".package-lock.json" || basename(path) === "package-lock.json";
}
