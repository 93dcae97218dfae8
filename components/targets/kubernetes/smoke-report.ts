import type { KubeConfig } from "@kubernetes/client-node";
import type { SmokeReport } from "../../../smoke/report.ts";
import { withApi } from "./api.ts";
import { clusterFault } from "./cluster-fault.ts";

/** The file of a smoke report, and its key in the ConfigMap. */
export const smokeReportFile = "smoke-report.json";

/** Name of the ConfigMap with the gateway's last smoke report. */
export function smokeReportName(gateway: string): string {
  return `${gateway}-smoke-report`;
}

const deadlineMs = 10_000;
/** Far below what a ConfigMap holds; the verdict and its time stay, whatever the checks had to say. */
const mostCharacters = 500_000;

/** Keeps a report in the gateway's ConfigMap, where the gateway finds it and makes metrics of it. */
export async function keepSmokeReport(
  kubeConfig: KubeConfig,
  namespace: string,
  gateway: string,
  report: SmokeReport,
): Promise<void> {
  const { PatchStrategy, setHeaderOptions } = await import("@kubernetes/client-node");
  const name = smokeReportName(gateway);
  const body = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { [smokeReportFile]: textOf(report) },
  };
  await withApi(kubeConfig, deadlineMs, ({ core }) =>
    core.patchNamespacedConfigMap(
      { namespace, name, body, fieldManager: "mcp-infra-smoke-test", force: true },
      setHeaderOptions("Content-Type", PatchStrategy.ServerSideApply),
    ),
  ).catch((error: unknown) => {
    const { reason, remediation } = clusterFault(error);
    throw new Error(
      `the smoke report can't be kept in ConfigMap ${name} of namespace ${namespace}: the cluster ${reason}. ${remediation}`,
    );
  });
}

function textOf(report: SmokeReport): string {
  const whole = JSON.stringify(report);
  if (whole.length <= mostCharacters) return whole;
  return JSON.stringify({ ...report, checks: report.checks.filter(({ passed }) => !passed).slice(0, 100) });
}
