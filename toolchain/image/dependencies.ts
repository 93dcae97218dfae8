import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";

const names = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().default(false) })).default({}),
});

/**
 * The installed packages that these need to run, themselves included, as folders below `root`: found as Node finds them.
 *
 * @throws Error when one that is needed is not installed.
 */
export function installedClosure(root: string, packages: Iterable<string>): string[] {
  const found = new Set<string>();
  const add = (name: string, from: string, isOptional: boolean) => {
    const folder = resolvedFolder(root, name, from);
    if (folder !== undefined) found.add(folder);
    else if (!isOptional) throw new Error(`The package ${name} is not installed; run npm ci`);
  };
  for (const name of packages) add(name, "", false);
  for (const folder of found) {
    const manifest = manifestSchema.parse(readManifest(root, folder));
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest;
    for (const name of Object.keys(dependencies)) add(name, folder, name in optionalDependencies);
    for (const name of Object.keys(optionalDependencies)) add(name, folder, true);
    for (const name of Object.keys(peerDependencies)) {
      add(name, folder, peerDependenciesMeta[name]?.optional ?? false);
    }
  }
  return [...found].sort();
}

/** Looks into the `node_modules` of the folder `from` and of each folder above it, up to the root's. */
function resolvedFolder(root: string, name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (readManifest(root, folder) !== undefined) return folder;
    if (at === "" || at === ".") return undefined;
  }
}

function readManifest(root: string, folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  } catch {
    return undefined;
  }
}
