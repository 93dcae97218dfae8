import type { KubeConfig } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";
import { diagnose } from "./diagnosis.ts";

/** What a failed Deployment is asked about. */
export interface Workload {
  /** Asked only when something has failed. */
  connect: () => Promise<KubeConfig>;
  namespace: string;
  /** Labels that select its pods. */
  selector: Record<string, string>;
}

/** A hook for a Deployment: when it fails, its pods' reasons stand beside the engine's error. Never retries. */
export function explainFailure(name: string, workload: Workload): pulumi.ErrorHook {
  return new pulumi.ErrorHook(`explain-${name}`, async () => {
    const text = await diagnose(await workload.connect(), workload.namespace, workload.selector);
    await pulumi.log.error(text);
    return false;
  });
}
