import * as pulumi from "@pulumi/pulumi";
import { keysOf, type SecretReference, type SecretStoreModel, secretStoreSchema } from "./model/index.ts";
import type { Target } from "./targets/target.ts";

/** What a {@link Secrets} component takes. */
export interface SecretsArgs {
  /** Where the secrets are kept. */
  target: Target;
  /**
   * Secret values by key, as Pulumi gives them: `config.requireSecret("githubToken")`. They are encrypted in
   * the state and never part of the model. Default: none.
   */
  values?: Record<string, pulumi.Input<string>>;
  /** Keys whose values are made here: 256 random bits each, kept until the key is taken out. Default: none. */
  generate?: string[];
  /**
   * Secrets that an outside store keeps, by key; the target has to name that store. Their values never pass through
   * Pulumi. Default: none.
   */
  external?: Record<
    string,
    {
      /** Name of the secret in the outside store, such as `prod/github`. */
      key: string;
      /** One property of a secret that is a document. Default: the whole secret. */
      property?: string;
      /**
       * Version of the secret. A new one rolls the workloads that use it; without a version, a rotation outside
       * reaches them at their next start. Default: the newest.
       */
      version?: string;
    }
  >;
}

/** A secret by reference: what servers are handed in place of the value. */
export interface SecretRef extends SecretReference {
  /** The value, for targets; always marked secret. Empty for a secret of an outside store. */
  readonly value: pulumi.Output<string>;
  /** The store it is from. */
  readonly from: SecretStoreModel;
}

/** Whether something is a secret by reference, rather than plain text or whatever else was written there. */
export function isReference(value: unknown): value is SecretRef {
  return typeof value === "object" && value !== null && "from" in value;
}

/** Why a reference leads to no secret; `undefined` where it does. */
export function unknownKey({ store, key, from }: SecretRef): string | undefined {
  const keys = keysOf(from);
  if (keys.includes(key)) return undefined;
  return `refers to "${key}" of secrets ${store}, which has ${keys.join(", ") || "no secret"}`;
}

/** The stores of the references among some values, each once. */
export function storesOf(values: readonly unknown[]): SecretStoreModel[] {
  return [...new Map(values.filter(isReference).map(({ from }) => [from.name, from])).values()];
}

/**
 * A set of secrets that servers refer to by key. Values come from Pulumi's secret configuration or are
 * generated; a changed value restarts the servers that use it, and no other.
 */
export class Secrets extends pulumi.ComponentResource {
  /** The store by its keys, without values. */
  readonly model: SecretStoreModel;
  readonly #values: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: SecretsArgs, options?: pulumi.ComponentResourceOptions) {
    const { declaration } = args.target;
    const given = Object.keys(args.values ?? {});
    const generated = args.generate ?? [];
    const described = { name, given, generated, external: args.external ?? {} };
    // Refused or not, it has the keys it was given: what refers to them is not at fault.
    const model = declaration.read(secretStoreSchema, `secrets ${name}`, described) ?? described;
    // A value that is not there now would reach the server as an empty text.
    for (const [key, value] of Object.entries(args.values ?? {}))
      if (value === undefined || value === null || value === "")
        declaration.fault(
          `secrets ${name}: values.${key}`,
          "has no value",
          "Set it: pulumi config set --secret, and read it with config.requireSecret.",
        );
    super(
      "mcp-infra:index:Secrets",
      name,
      {
        given: model.given,
        generated: model.generated,
        ...(args.external && { external: model.external }),
      },
      declaration.held(options),
    );
    this.model = model;
    const made = model.generated.map((key) => [
      key,
      pulumi.secret(args.target.generateSecret(`${name}-${key}`, { parent: this })),
    ]);
    const handed = Object.entries(args.values ?? {}).map(([key, value]) => [key, pulumi.secret(value)]);
    this.#values = Object.fromEntries([...made, ...handed]);
    this.registerOutputs({});
  }

  /**
   * A reference to one secret, for a server's `env`, `remote.headers` or `remote.auth`, or whatever else takes one. A key that the store doesn't have is
   * refused with the property that refers to it (rule `known-secrets`).
   */
  ref(key: string): SecretRef {
    return { store: this.model.name, key, from: this.model, value: this.#values[key] ?? pulumi.secret("") };
  }

  /**
   * The same as a file, for a server's `env`: the variable holds the file's path, and the secret is out of sight of
   * whatever lists the environment. For servers that read one, mostly by a variable that ends in `_FILE`.
   */
  file(key: string): SecretRef {
    return { ...this.ref(key), file: true };
  }
}
