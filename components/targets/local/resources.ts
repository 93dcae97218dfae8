import * as pulumi from "@pulumi/pulumi";

/** A long-lived process on this machine that speaks MCP; the provider plugin's inputs.ts says what it takes. */
export class Process extends pulumi.CustomResource {
  /** Its streamable HTTP endpoint. */
  declare readonly url: pulumi.Output<string>;
  /** Path of the Unix socket it listens on, where it does. */
  declare readonly socket: pulumi.Output<string>;
  /** Identity of this very start of it. */
  declare readonly instance: pulumi.Output<string>;

  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super(
      "mcp-infra-local:index:Process",
      name,
      { url: undefined, socket: undefined, instance: undefined, ...inputs },
      options,
    );
  }
}

/** A random secret. */
export class Token extends pulumi.CustomResource {
  /** 256 random bits as base64url; secret. */
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super(
      "mcp-infra-local:index:Token",
      name,
      { value: undefined, ...inputs },
      { ...options, additionalSecretOutputs: ["value"] },
    );
  }
}

/** A file of the stack's own. */
export class File extends pulumi.CustomResource {
  /** Its absolute path. */
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, inputs: pulumi.Inputs, options: pulumi.CustomResourceOptions) {
    super("mcp-infra-local:index:File", name, inputs, options);
  }
}
