import { diagram as draw } from "../components/views/diagram.ts";
import type { Selection } from "./selection.ts";
import { deployedGateway } from "./stack.ts";

/** Prints a Mermaid diagram of the deployed integration. */
export async function diagram(selection: Selection): Promise<void> {
  const { model } = await deployedGateway(selection);
  process.stdout.write(`${draw(model)}\n`);
}
