/** Which gateway of which stack a command is about. */
export interface Selection {
  /** Name of the stack; default: the one that is selected in Pulumi. */
  stack?: string;
  /** Name of the gateway; default: the only one. */
  gateway?: string;
}

/** The options that select the same again, for commands that are printed to be copied. */
export function optionsOf({ stack, gateway }: Selection): string {
  return [...(stack ? [" --stack ", stack] : []), ...(gateway ? [" --gateway ", gateway] : [])].join("");
}
