import { join } from "node:path";

/** A pinned npm package. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
}

const pinned =
  /^npm:((?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)@(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/;

/** Reads `npm:@scope/name@1.2.3`; `undefined` for anything that isn't pinned to one version. */
export function parsePackage(text: string): PinnedPackage | undefined {
  const [, name, version] = pinned.exec(text) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/**
 * Where a store keeps a package, each with all that it depends on: the cache of the local target and the image of the
 * Kubernetes target are both such stores.
 */
export function packageFolderIn(store: string, { name, version }: PinnedPackage): string {
  return join(store, "npm", `${name}@${version}`);
}

/** Where a package's own files are in its folder. */
export function packageRoot(folder: string, { name }: PinnedPackage): string {
  return join(folder, "node_modules", name);
}

/**
 * A package's commands and the files that they are, from its package.json.
 *
 * @throws TypeError when that is no package.json.
 */
export function binsOf(manifest: unknown): Record<string, string> {
  const { name, bin } = (manifest ?? {}) as Record<string, unknown>;
  if (typeof name !== "string") throw new TypeError("the package.json names no package");
  if (bin === undefined) return {};
  if (typeof bin === "string") return { [unscoped(name)]: bin };
  if (
    typeof bin !== "object" ||
    bin === null ||
    Object.values(bin).some((file) => typeof file !== "string")
  ) {
    throw new TypeError("the package.json has a damaged bin");
  }
  return bin as Record<string, string>;
}

/** Which of a package's commands to start: the one asked for, the only one, or the one named like the package. */
export function chooseBin(
  wanted: PinnedPackage,
  bins: string[],
  asked?: string,
): { bin: string } | { fault: string } {
  const listed = bins.length === 0 ? "it has no commands" : `it has ${bins.join(", ")}`;
  const label = `${wanted.name}@${wanted.version}`;
  if (asked !== undefined) {
    return bins.includes(asked) ? { bin: asked } : { fault: `${label} has no command "${asked}"; ${listed}` };
  }
  const only = bins.length === 1 ? bins[0] : bins.find((bin) => bin === unscoped(wanted.name));
  if (only !== undefined) return { bin: only };
  return {
    fault:
      bins.length === 0
        ? `${label} can't be started: ${listed}`
        : `${label} has several commands; choose with \`bin\`: ${bins.join(", ")}`,
  };
}

function unscoped(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}
