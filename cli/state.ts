import { pulumi } from "./project.ts";

/** A resource of a stack's state. */
export interface StateResource {
  urn: string;
  type: string;
  parent?: string;
  /** URN of its provider, with the provider's id behind it. */
  provider?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** The key and value by which Pulumi marks a secret in an exported state. */
const secretSignature = {
  key: "4dabf18193072939515e22adb298388d",
  value: "1b47061264138c4ac30d75fd1eb44270",
};

/** The resources of a stack, with their secrets decrypted; see {@link plain}. */
export async function stateOf(stack: string | undefined): Promise<StateResource[]> {
  const exported = await pulumi(["stack", "export", "--show-secrets", ...(stack ? ["--stack", stack] : [])]);
  const { deployment } = JSON.parse(exported) as { deployment?: { resources?: StateResource[] } };
  return deployment?.resources ?? [];
}

/** The name of a resource in its program. */
export function nameOf({ urn }: StateResource): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** A value out of the state, which may be a secret there. */
export function plain(value: unknown): unknown {
  const fields = (value ?? {}) as Record<string, unknown>;
  return fields[secretSignature.key] === secretSignature.value ? JSON.parse(String(fields.plaintext)) : value;
}

/** The same for a value that may have secrets anywhere in it. */
export function plainThroughout(value: unknown): unknown {
  const whole = plain(value);
  if (Array.isArray(whole)) return whole.map(plainThroughout);
  if (typeof whole !== "object" || whole === null) return whole;
  return Object.fromEntries(Object.entries(whole).map(([key, each]) => [key, plainThroughout(each)]));
}
