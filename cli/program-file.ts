import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { UserError } from "./project.ts";

/** Where a program that is written goes, so that nothing is overwritten. */
export interface Place {
  file: string;
  /** Whether it is the project's whole program, or a module beside the one that is there. */
  whole: boolean;
  /** Name of the project. */
  project: string;
  /** The program that is there already. */
  beside?: string;
}

/** Finds the place in a project: its program's, when there is none yet, else a module's beside it. */
export function placeFor(directory: string): Place {
  const { main, name } = projectFile(directory);
  const project = typeof name === "string" ? name : path.basename(directory);
  const candidates = [main, mainOf(directory), "index.ts", "index.js"].filter(
    (each) => typeof each === "string",
  );
  const there = candidates.find((each) => existsSync(path.join(directory, each)));
  if (there === undefined) {
    const file = candidates.find((each) => each.endsWith(".ts")) ?? "index.ts";
    return { file: path.join(directory, file), whole: true, project };
  }
  const program = path.extname(there) === "" ? path.join(there, "index.ts") : there;
  const file = path.join(directory, path.dirname(program), "imported.ts");
  if (existsSync(file))
    throw new UserError(
      `${path.relative(process.cwd(), file)} is there already, and nothing is overwritten: remove it to import again.`,
    );
  return { file, whole: false, project, beside: program };
}

function projectFile(directory: string): { main?: unknown; name?: unknown } {
  const file = path.join(directory, "Pulumi.yaml");
  try {
    return parse(readFileSync(file, "utf8")) ?? {};
  } catch (error) {
    throw new UserError(`${file} can't be read: ${(error as Error).message}`);
  }
}

function mainOf(directory: string): unknown {
  try {
    return JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")).main;
  } catch {
    return undefined;
  }
}
