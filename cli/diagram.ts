import { diagram as draw } from "../components/views/diagram.ts";
import { deployedGateway } from "./stack.ts";

/** Prints a Mermaid diagram of the deployed integration. */
export async function diagram(stack: string | undefined): Promise<void> {
  const { model } = await deployedGateway(stack);
  process.stdout.write(`${draw(model)}\n`);
}
