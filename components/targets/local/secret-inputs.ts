import type { SecretsByName } from "../target.ts";

/** Secrets as inputs of a local process: by value, encrypted in the state. */
export function secretInputs(secrets: SecretsByName) {
  const values = Object.entries(secrets).map(([variable, { value }]) => [variable, value] as const);
  return values.length > 0 ? { secretEnv: Object.fromEntries(values) } : {};
}
