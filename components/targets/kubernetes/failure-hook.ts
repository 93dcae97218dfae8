import type { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { diagnose } from "./diagnosis.ts";

/** The pods of a workload. */
export interface PodSelection {
  namespace: string;
  labels: Record<string, string>;
}

/**
 * A hook for a Deployment that is named once in a stack: when it fails, its pods' reasons stand beside the engine's
 * error, and the error stands.
 *
 * @param connect asked only then
 */
export function explainFailure(
  name: string,
  connect: () => Promise<KubeConfig>,
  { namespace, labels }: PodSelection,
): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, async ({ urn }) => {
    const said = await connect()
      .then((kubeConfig) => diagnose(kubeConfig, namespace, labels))
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    // Of a resource, only its name is taken: so it stands with the Deployment's own error.
    await pulumi.log.error(said, { urn: pulumi.output(urn) } as pulumi.Resource);
    return false;
  });
}
