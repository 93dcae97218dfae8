import type { SecretRef } from "../../secrets.ts";
import type { SecretsByName } from "../target.ts";

/** Secrets as inputs of a local process, as variables or as files: by value, encrypted in the state. */
export function secretInputs(secrets: SecretsByName) {
  const secretEnv = valuesOf(secrets, ({ file }) => !file);
  const secretFiles = valuesOf(secrets, ({ file }) => file === true);
  return { ...(secretEnv && { secretEnv }), ...(secretFiles && { secretFiles }) };
}

function valuesOf(secrets: SecretsByName, wanted: (secret: SecretRef) => boolean) {
  const chosen = Object.entries(secrets).filter(([, secret]) => wanted(secret));
  return chosen.length > 0 ? Object.fromEntries(chosen.map(([name, { value }]) => [name, value])) : undefined;
}
