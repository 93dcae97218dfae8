import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { CommandLineError, EXIT } from "../command-line.ts";
import { ownNode } from "../runtime/copied.ts";
import {
  binsOf,
  chooseBin,
  type PinnedPackage,
  packageFolderIn,
  packageRoot,
  parsePackage,
} from "./npm-package.ts";

/** Where the image has the packages. */
export const DEFAULT_STORE = "/packages";

/** The options by which a mode takes its program from a package, for `parseArgs`. */
export const PACKAGE_OPTIONS = {
  package: { type: "string" },
  bin: { type: "string" },
  "package-store": { type: "string", default: DEFAULT_STORE },
} as const;

/**
 * How to start a package's command: with the Node that runs this program, since an image need have no other, nor the
 * `env` that the first line of a script asks for. Nothing is downloaded.
 *
 * @throws CommandLineError when the store has no such package, or the package no such command.
 */
export function packageCommand(values: {
  package: string;
  bin?: string;
  "package-store": string;
}): [string, ...string[]] {
  const store = values["package-store"];
  const wanted = parsePackage(values.package);
  if (!wanted) {
    throw new CommandLineError(`--package ${values.package}: expected the form npm:name@1.2.3`);
  }
  const root = packageRoot(packageFolderIn(store, wanted), wanted);
  const bins = binsIn(root);
  if (!bins) throw new CommandLineError(missing(store, wanted), EXIT.config);
  const choice = chooseBin(wanted, Object.keys(bins), values.bin);
  if ("fault" in choice) throw new CommandLineError(choice.fault, EXIT.config);
  const file = join(root, bins[choice.bin] ?? "");
  return isNodeScript(file) ? [...ownNode(), file] : [file];
}

function binsIn(root: string): Record<string, string> | undefined {
  try {
    return binsOf(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
  } catch {
    return undefined;
  }
}

function missing(store: string, { name, version }: PinnedPackage): string {
  const present = packagesIn(store);
  const has = present.length > 0 ? `it has: ${present.join(", ")}` : "it has none";
  return `npm:${name}@${version} is not in this image; build the image with it: npm run image -- npm:${name}@${version} (${has})`;
}

/** The packages of a store, as a declaration writes them. */
export function packagesIn(store: string): string[] {
  const folder = join(store, "npm");
  return list(folder)
    .flatMap((entry) =>
      entry.startsWith("@") ? list(join(folder, entry)).map((each) => `${entry}/${each}`) : entry,
    )
    .map((entry) => `npm:${entry}`)
    .filter((text) => parsePackage(text) !== undefined)
    .sort();
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A command may also be a program of its own: one that begins as an ELF file does, or names another interpreter. */
function isNodeScript(file: string): boolean {
  const start = Buffer.alloc(80);
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return true; // Node's own words for a missing file are the clearest.
  }
  const length = readSync(descriptor, start, 0, start.length, 0);
  closeSync(descriptor);
  const text = start.toString("latin1", 0, length);
  if (text.startsWith("\x7fELF")) return false;
  const [firstLine = ""] = text.split("\n", 1);
  return !firstLine.startsWith("#!") || /\bnode\b/.test(firstLine);
}
