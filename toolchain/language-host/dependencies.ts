import { readFile } from "node:fs/promises";
import { join } from "node:path";

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
}

/** The packages a program names, with the versions installed, for `pulumi about`. */
export async function directDependencies(directory: string): Promise<{ name: string; version: string }[]> {
  const { dependencies = {} } = await manifestIn(directory);
  return Promise.all(
    Object.entries(dependencies).map(async ([name, range]) => {
      const { version = range } = await manifestIn(join(directory, "node_modules", name));
      return { name, version };
    }),
  );
}

/** Best effort: a program without a manifest, or not installed yet, is no error. */
async function manifestIn(directory: string): Promise<Manifest> {
  const text = await readFile(join(directory, "package.json"), "utf8").catch(() => "{}");
  return JSON.parse(text) as Manifest;
}
