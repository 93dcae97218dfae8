import type { Finding } from "../../../rules/finding.ts";
import { known } from "../cluster-fault.ts";
import type { Facts } from "./facts.ts";
import { finding } from "./finding.ts";

/** The first version whose pods can sleep before they end, which lets calls finish. */
const oldest = 30;

/** That the cluster is new enough for what is made. */
export function judgeVersion({ version }: Pick<Facts, "version">): Finding[] {
  const { major, minor, gitVersion } = known(version) ?? {};
  // Some providers write `30+`.
  const number = Number.parseInt(minor ?? "", 10);
  if (major !== "1" || Number.isNaN(number) || number >= oldest) return [];
  const reason = `the cluster is Kubernetes ${gitVersion}; pods that let their calls finish (lifecycle.sleep) need 1.${oldest} or newer`;
  return [finding("cluster-version", "kubeconfig", reason, `Upgrade the cluster to 1.${oldest} or newer.`)];
}
