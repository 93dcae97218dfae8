import { readdirSync } from "node:fs";
import path from "node:path";
import { type ReadRecord, readRecords } from "../components/targets/local/provider/records.ts";
import { projectDirectory, UserError } from "./project.ts";

/** The processes of a local stack, as their records say; needs no Pulumi and no passphrase. */
export function localProcesses(stack: string | undefined): ReadRecord[] {
  const root = path.join(projectDirectory(), ".mcp-infra");
  const name = stack ?? process.env.PULUMI_STACK ?? onlyStackIn(root);
  return readRecords(path.join(root, name));
}

function onlyStackIn(root: string): string {
  const stacks = readStacks(root);
  if (stacks.length > 1)
    throw new UserError(
      `There are several stacks on this machine: ${stacks.join(", ")}. Choose one with --stack.`,
    );
  return stacks[0] ?? "dev";
}

function readStacks(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readRecords(path.join(root, entry.name)).length > 0)
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
