import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeBase } from "./base.ts";
import { writeProgram } from "./program.ts";
import { parsePackages, writeServerPackage } from "./server-package.ts";

/**
 * `node toolchain/image/assemble.ts --to DIR [PACKAGE…]`: writes what is in the image as three folders, `base`, `program`
 * and `packages`, for the Dockerfile to copy.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { to: { type: "string" } } });
if (values.to === undefined) throw new Error("--to DIR is missing");
const folder = (name: string) => {
  const path = join(values.to ?? "", name);
  mkdirSync(path, { recursive: true });
  return path;
};
writeBase(folder("base"));
await writeProgram(folder("program"));
for (const wanted of parsePackages(positionals)) await writeServerPackage(folder("packages"), wanted);
folder("packages");
