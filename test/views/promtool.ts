import { findTool, runTool } from "./debian-tool.ts";

const tool = { name: "promtool", package: "prometheus" };

/** Command of a promtool that runs. */
export function findPromtool(): string {
  return findTool(tool);
}

/** Runs promtool in a directory; a verdict against the files is an exit code, not an exception. */
export function promtool(directory: string, ...parameters: string[]) {
  return runTool(tool, directory, ...parameters);
}
