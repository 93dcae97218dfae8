import { warn as logWarning } from "@pulumi/pulumi/log/index.js";

/** Tells the user something that is no fault, once. */
export function warn(message: string): void {
  if (said.has(message)) return;
  said.add(message);
  void logWarning(message).catch(() => undefined);
}

const said = new Set<string>();
