import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import * as state from "@pulumi/pulumi/runtime/state.js";
import { vi } from "vitest";

// Nothing here waits for anything real: what takes longer has been refused, and never ends.
vi.setConfig({ testTimeout: 10_000 });

/** A resource as the program asked the engine for it. */
export interface Registered {
  type: string;
  name: string;
  /** As they go over the wire: secrets and unknowns in Pulumi's wrappers, `undefined` left out. */
  inputs: Record<string, unknown>;
  /** Name of its parent; empty at the top. */
  parent: string;
  /** Names of what it waits for, by `dependsOn` and by its inputs. */
  dependsOn: string[];
  /** The other options, as the engine gets them. */
  options: {
    protect: boolean;
    ignoreChanges: string[];
    hideDiffs: string[];
    aliases: string[];
    secretOutputs: string[];
    /** Name of the explicit provider; empty for the default one. */
    provider: string;
    /** How many transforms the engine has to call for it and what is below it. */
    transforms: number;
    /** Names of the hooks before it is created. */
    beforeCreate: string[];
    /** Names of the hooks before it is updated. */
    beforeUpdate: string[];
  };
}

/** What the SDK keeps of the engine it talks to; in its code, but left out of its types. */
const { getStore } = state as unknown as {
  getStore(): { settings: { monitor: unknown }; supportsTransforms: boolean };
};

type Callback = Parameters<MockMonitor["registerResource"]>[1];

/** Pulumi's own mock of the engine, which besides notes each request whole, and takes hooks. */
class RecordingMonitor extends MockMonitor {
  readonly registered: Registered[] = [];

  override async registerResource(request: RegisterResourceRequest, answer: Callback): Promise<void> {
    this.registered.push(read(request));
    return super.registerResource(request, answer);
  }

  registerResourceHook(_: unknown, answer: Callback): void {
    answer(null, {});
  }

  registerErrorHook(_: unknown, answer: Callback): void {
    answer(null, {});
  }
}

function read(request: RegisterResourceRequest): Registered {
  const hooks = request.getHooks();
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
    parent: nameIn(request.getParent()),
    dependsOn: request.getDependenciesList().map(nameIn).sort(),
    options: {
      protect: request.getProtect() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
      hideDiffs: request.getHidediffsList(),
      aliases: request
        .getAliasesList()
        .map((alias) => alias.getUrn() || (alias.getSpec()?.getName() ?? ""))
        .filter(Boolean),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      provider: nameIn(request.getProvider().replace(/::[^:]*$/, "")),
      transforms: request.getTransformsList().length,
      beforeCreate: hooks?.getBeforeCreateList() ?? [],
      beforeUpdate: hooks?.getBeforeUpdateList() ?? [],
    },
  };
}

function nameIn(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/** What a declaration has come to. */
export interface Declared<Result> {
  /** What the program gave. */
  result: Result;
  /** Every resource, in the order in which the engine was asked for it. */
  registered: Registered[];
  /** The resource of that name; fails the test where there is none. */
  find(name: string): Registered;
}

/**
 * Runs a declaration against Pulumi's mocks: what it registers, without an engine or processes. Waits until
 * everything that was declared has been registered. In a preview, what only a run gives is unknown.
 *
 * A declaration that is refused ends its whole process, so such programs are for the end-to-end tests.
 */
export async function declare<Result>(
  program: () => Result,
  { preview = false }: { preview?: boolean } = {},
): Promise<Declared<Result>> {
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs, custom }) => ({
      id: custom && !preview ? `${name}-id` : undefined,
      state: { ...inputs, ...(!preview && runTimeValues[type]?.(name)) },
    }),
    call: ({ inputs }) => inputs,
  };
  await pulumi.runtime.setMocks(mocks, "project", "test", preview, "acme");
  const monitor = new RecordingMonitor(mocks);
  Object.assign(getStore(), { supportsTransforms: true }).settings.monitor = monitor;
  const result = program();
  await pulumi.runtime.disconnect();
  const { registered } = monitor;
  return {
    result,
    registered,
    find(name) {
      const found = registered.find((resource) => resource.name === name);
      if (!found) throw new Error(`${name} is not among ${registered.map((it) => it.name).join(", ")}`);
      return found;
    },
  };
}

/** What the providers would answer, by type. */
const runTimeValues: Record<string, (name: string) => Record<string, unknown>> = {
  "mcp-infra-local:index:Process": (name) => ({
    url: `http://127.0.0.1/${name}`,
    socket: `/sockets/${name}`,
    instance: `instance-of-${name}`,
  }),
  "kubernetes:core/v1:Secret": (name) => ({ metadata: { name: `${name}-1a2b` } }),
  "mcp-infra-local:index:Token": (name) => ({ value: pulumi.secret(`canary-of-${name}`) }),
};

/** The value of an output, once the declaration has been run. */
export function known<Value>(output: pulumi.Output<Value>): Promise<pulumi.Unwrap<Value>> {
  return new Promise((resolve) => {
    pulumi.output(output).apply((value) => resolve(value as pulumi.Unwrap<Value>));
  });
}
