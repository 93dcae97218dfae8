import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { execa } from "execa";
import { checkout } from "../checkout.mjs";
import { installedClosure } from "./dependencies.ts";
import { layout } from "./layout.ts";

const entry = join(checkout, "gateway", "main.ts");
const configurations = [
  "tsconfig.json",
  "tsconfig.build.json",
  "toolchain/image/tsconfig.json",
  "package-lock.json",
];

/** Changes when what {@link writeProgram} writes may change: the sources, how they are compiled, the locked packages. */
export function programKey(): string {
  const own = globSync("toolchain/image/*.ts", { cwd: checkout });
  const files = [...sources(), ...[...configurations, ...own].map((path) => join(checkout, path))];
  return JSON.stringify(files.sort().map((path) => [relative(checkout, path), readFileSync(path, "utf8")]));
}

/** The entry and every file of ours that it imports, whichever way. */
function sources(): string[] {
  const found = new Set<string>([entry]);
  for (const path of found) {
    for (const [, specifier = ""] of readFileSync(path, "utf8").matchAll(
      /(?:from|import|import\()\s*"(\.[^"]+)"/g,
    )) {
      found.add(resolve(dirname(path), specifier));
    }
  }
  return [...found];
}

/** Writes the gateway program, compiled, with those packages that it imports, and what they need. */
export async function writeProgram(root: string): Promise<void> {
  const app = join(root, layout.app);
  const compiler = join(checkout, "node_modules", "typescript", "bin", "tsc");
  const project = join(checkout, "toolchain", "image", "tsconfig.json");
  await execa(process.execPath, [compiler, "-p", project, "--outDir", app], { all: true });
  const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  writeFileSync(
    join(app, "package.json"),
    `${JSON.stringify({ name: "mcp-infra", version, type: "module" })}\n`,
  );
  for (const folder of installedClosure(checkout, await importedPackages(app))) {
    const target = join(app, folder);
    mkdirSync(dirname(target), { recursive: true });
    // What a package has below node_modules is in the closure by itself, if it is needed.
    cpSync(join(checkout, folder), target, { recursive: true, filter: isNeededAtRunTime });
  }
}

/** The packages that the compiled files name. */
async function importedPackages(app: string): Promise<Set<string>> {
  const { default: typescript } = await import("typescript");
  const specifiers = globSync("**/*.js", { cwd: app }).flatMap((path) => {
    const { importedFiles } = typescript.preProcessFile(readFileSync(join(app, path), "utf8"));
    return importedFiles.map(({ fileName }) => fileName);
  });
  const bare = specifiers.filter((each) => !each.startsWith(".") && !each.startsWith("node:"));
  return new Set(bare.map((each) => each.split("/", each.startsWith("@") ? 2 : 1).join("/")));
}

function isNeededAtRunTime(path: string): boolean {
  return basename(path) !== "node_modules" && !/\.(?:d\.[cm]?ts|[cm]?ts|map|md)$/.test(path);
}
