import type { Resource } from "@pulumi/pulumi";
import { warn as logWarning } from "@pulumi/pulumi/log/index.js";

const said = new Set<string>();

/** Tells the user something about a resource that is no fault, once. */
export function warn(urn: string, message: string): void {
  if (said.has(urn + message)) return;
  said.add(urn + message);
  // The logger only asks its resource for the URN, which is all that a provider has of one.
  const resource = { urn: { promise: async () => urn } } as unknown as Resource;
  void logWarning(message, resource).catch(() => undefined);
}
