import type { SecretReference } from "../model/secret-reference.ts";
import type { SecretRef } from "../secrets.ts";
import type { SecretsByName } from "./target.ts";

/** The environment that a gateway's configuration refers to by names: values may be secrets, and a file is read by many. */
export class GatewayEnvironment {
  /** What may be seen. */
  readonly plain: Record<string, string> = {};
  /** What may not. */
  readonly secrets: SecretsByName = {};
  readonly #given: readonly SecretRef[];

  /** @param given the secrets that the model refers to, with their values */
  constructor(given: readonly SecretRef[]) {
    this.#given = given;
  }

  /** Puts a value into a variable, secret or not; answers with the variable's name. */
  value(variable: string, value: string | SecretReference): string {
    if (typeof value !== "string") return this.secret(variable, value);
    this.plain[variable] = value;
    return variable;
  }

  /** Puts a secret into a variable; answers with the variable's name. */
  secret(variable: string, { store, key }: SecretReference): string {
    const secret = this.#given.find((each) => each.store === store && each.key === key);
    if (secret) this.secrets[variable] = secret;
    return variable;
  }
}
