import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { defaultOwner, newProject, projectName } from "../adopt/index.ts";
import { UserError } from "./project.ts";

/** Makes a new integration project, in a directory where none of its files is yet. */
export function init(given = "."): void {
  const directory = path.resolve(given);
  const files = newProject(projectName(path.basename(directory)), defaultOwner());
  const there = Object.keys(files).filter((file) => existsSync(path.join(directory, file)));
  if (there.length > 0)
    throw new UserError(
      `Nothing was written: ${there.join(", ")} ${there.length === 1 ? "is" : "are"} in ${directory} already. Name another directory: npx mcp-infra init <directory>`,
    );
  mkdirSync(directory, { recursive: true });
  // "wx": what has come into being meanwhile is not overwritten either.
  for (const [file, text] of Object.entries(files))
    writeFileSync(path.join(directory, file), text, { flag: "wx" });
  const enter = path.relative(process.cwd(), directory);
  process.stdout.write(
    `Made ${Object.keys(files).join(", ")} in ${directory}.\n\nNext:\n${[
      ...(enter ? [`cd ${/\s/.test(enter) ? `"${enter}"` : enter}`] : []),
      "npm install",
      "pulumi stack init dev",
      "npm run up",
    ]
      .map((line) => `  ${line}\n`)
      .join("")}`,
  );
}
