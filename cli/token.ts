import { tokenOf } from "./access.ts";
import type { Selection } from "./selection.ts";
import { consumerNamed, deployedGateway } from "./stack.ts";

/** Prints a bearer token of one consumer, and nothing else. */
export async function token(selection: Selection, consumer: string): Promise<void> {
  const gateway = await deployedGateway(selection);
  process.stdout.write(`${await tokenOf(gateway, consumerNamed(gateway, consumer))}\n`);
}
