import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CommandLineError } from "../command-line.ts";
import { COPIED } from "../runtime/copied.ts";
import { sharedObjects } from "../runtime/shared-objects.ts";

/**
 * Copies all that runs this program into a folder: Node, its shared libraries, the dynamic linker, the program and the
 * packages it imports. An init container does so for a container of another image, which is then run by
 * {@link import("../runtime/copied.ts").copiedRuntime}.
 */
export async function copyRuntimeMode(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { to: { type: "string" } } });
  if (!values.to) throw new CommandLineError("copy-runtime needs --to DIR");
  const to = values.to;
  const program = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  if (!existsSync(join(program, "gateway", "main.js"))) {
    throw new CommandLineError(
      "copy-runtime copies the built program, and this is its source; run it in the image",
    );
  }
  const { loader, libraries } = sharedObjects();
  mkdirSync(join(to, COPIED.libraries), { recursive: true });
  for (const library of libraries) copyFileSync(library, join(to, COPIED.libraries, basename(library)));
  copyExecutable(loader, join(to, COPIED.loader));
  copyExecutable(process.execPath, join(to, COPIED.node));
  cpSync(program, join(to, dirname(dirname(COPIED.program))), { recursive: true });
}

function copyExecutable(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}
