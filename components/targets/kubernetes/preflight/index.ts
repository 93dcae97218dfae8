import type { Finding } from "../../../rules/finding.ts";
import type { KubernetesSettings } from "../args.ts";
import type { ConnectionOptions } from "../connection.ts";
import type { Needs } from "./needs.ts";

export type { Needs } from "./needs.ts";
export { stackAnnotation } from "./needs.ts";

/** Asks the cluster whether what is declared can be made there; changes nothing. */
export async function preflight(
  _connection: ConnectionOptions,
  _settings: KubernetesSettings,
  _needs: Needs,
): Promise<Finding[]> {
  return [];
}
