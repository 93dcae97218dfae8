import { UserError } from "./project.ts";
import type { Selection } from "./selection.ts";
import { consumerNamed, deployedGateway } from "./stack.ts";

/** Prints the bearer token of one consumer, and nothing else. */
export async function token(selection: Selection, consumer: string): Promise<void> {
  const gateway = await deployedGateway(selection);
  const value = gateway.tokens[consumerNamed(gateway, consumer)];
  if (value === undefined) throw new UserError("This gateway asks for no token: auth.mode is none.");
  process.stdout.write(`${value}\n`);
}
