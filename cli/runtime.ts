import { readdirSync } from "node:fs";
import path from "node:path";
import { type ReadRecord, readRecords } from "../components/targets/local/provider/records.ts";
import { projectDirectory, UserError } from "./project.ts";

/**
 * The processes of a local stack, as their records say; needs no Pulumi and no passphrase.
 * @throws {UserError} when the stack is none of this machine's, or not named and not the only one
 */
export function localProcesses(stack: string | undefined): ReadRecord[] {
  const root = path.join(projectDirectory(), ".mcp-infra");
  const stacks = stacksIn(root);
  const name = (stack ?? process.env.PULUMI_STACK)?.split("/").at(-1);
  if (name !== undefined && stacks.length > 0 && !stacks.includes(name))
    throw new UserError(`Nothing of a stack "${name}" runs on this machine; there is ${stacks.join(", ")}.`);
  if (name === undefined && stacks.length > 1)
    throw new UserError(
      `There are several stacks on this machine: ${stacks.join(", ")}. Choose one with --stack.`,
    );
  const [only] = stacks;
  return only === undefined ? [] : readRecords(path.join(root, name ?? only));
}

function stacksIn(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readRecords(path.join(root, entry.name)).length > 0)
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
