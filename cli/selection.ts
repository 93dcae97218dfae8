import type { Selection } from "./stack.ts";

/** The options that select the same again, for commands that are printed to be copied. */
export function optionsOf({ stack, gateway }: Selection): string {
  return [...(stack ? [" --stack ", stack] : []), ...(gateway ? [" --gateway ", gateway] : [])].join("");
}
