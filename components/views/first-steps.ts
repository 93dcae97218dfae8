import type { Scope } from "./prometheus.ts";

/** What to do first about a part that does not run; what starts it again is not the same on every target. */
export interface FirstSteps {
  gateway(name: string): string;
  server(name: string): string;
}

const onThisMachine: FirstSteps = {
  gateway: (name) => `Run "npx mcp-infra logs ${name}"; "pulumi up" starts a gateway whose process has died.`,
  server: (name) => `Run "npx mcp-infra logs ${name}"; "pulumi up" starts a server whose process has died.`,
};

/** The first steps on a target. */
export function firstSteps(target: string, { namespace }: Scope): FirstSteps {
  if (target !== "kubernetes") return onThisMachine;
  const step = (name: string) =>
    `Run "npx mcp-infra logs ${name}" and "kubectl describe deployment ${name}${namespace ? ` --namespace ${namespace}` : ""}", which say why its pods do not serve.`;
  return { gateway: step, server: step };
}
