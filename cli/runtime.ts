import { readdirSync } from "node:fs";
import path from "node:path";
import { readRecords } from "../components/targets/local/provider/records.ts";
import { NothingDeployed, projectDirectory, UserError } from "./project.ts";
import { stateOf } from "./state.ts";
import { kubernetesRuntime } from "./targets/kubernetes.ts";
import { localRuntime } from "./targets/local.ts";
import type { Runtime } from "./targets/target.ts";

/**
 * What runs of a stack. Processes of this machine have records, which need no Pulumi and no passphrase; only where there
 * are none is the stack's state asked.
 * @throws {UserError} when the stack is not named and not the only one
 */
export async function runtimeOf(stack: string | undefined): Promise<Runtime> {
  const root = path.join(projectDirectory(), ".mcp-infra");
  const here = stacksIn(root);
  const name = (stack ?? process.env.PULUMI_STACK)?.split("/").at(-1);
  if (name === undefined && here.length > 1)
    throw new UserError(
      `There are several stacks on this machine: ${here.join(", ")}. Choose one with --stack.`,
    );
  const local = name === undefined ? here[0] : here.find((each) => each === name);
  if (local !== undefined) return localRuntime(readRecords(path.join(root, local)));
  const elsewhere = await runtimeInState(stack);
  if (elsewhere) return elsewhere;
  if (name !== undefined && here.length > 0)
    throw new UserError(`Nothing of a stack "${name}" runs on this machine; there is ${here.join(", ")}.`);
  return localRuntime([]);
}

async function runtimeInState(stack: string | undefined): Promise<Runtime | undefined> {
  try {
    return kubernetesRuntime(await stateOf(stack));
  } catch (error) {
    if (error instanceof NothingDeployed) return undefined;
    throw error;
  }
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
