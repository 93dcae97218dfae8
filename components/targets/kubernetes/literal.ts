import type * as k8s from "@pulumi/kubernetes";

/** A container whose command line is known, so that it can be handed over as it is. */
export interface PlainContainer extends Omit<k8s.types.input.core.v1.Container, "args" | "command" | "env"> {
  command?: string[];
  args?: string[];
  env?: k8s.types.input.core.v1.EnvVar[];
}

/**
 * The container with its texts kept from Kubernetes, which puts a variable's value where a command line or a variable
 * says `$(NAME)`, be it a secret's, and makes one `$` of two. What is declared reaches a server as it is, as on every
 * target.
 */
export function literal({ command, args, env, ...rest }: PlainContainer): k8s.types.input.core.v1.Container {
  return {
    ...rest,
    ...(command && { command: command.map(kept) }),
    ...(args && { args: args.map(kept) }),
    ...(env && {
      env: env.map((each) => (typeof each.value === "string" ? { ...each, value: kept(each.value) } : each)),
    }),
  };
}

const kept = (text: string) => text.replaceAll("$", "$$$$");
