import type { KubeConfig } from "@kubernetes/client-node";

/** A service's endpoint. */
export interface ForwardTarget {
  namespace: string;
  /** Name of the service. */
  service: string;
  /** Port of the service. */
  port: number;
  /** Path of the URL: `/mcp`. */
  path: string;
  /** Port on this machine. Default: any free one. */
  localPort?: number;
}

/** Hands `use` a loopback URL that leads to a ready pod of the service, for as long as `use` takes. */
export async function forwarded<T>(
  _kubeConfig: KubeConfig,
  _target: ForwardTarget,
  _use: (url: string) => Promise<T>,
): Promise<T> {
  throw new Error("not yet");
}
