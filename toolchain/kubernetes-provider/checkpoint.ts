import { isDeepStrictEqual } from "node:util";
import { type KubernetesObject, objectOf } from "./objects.ts";
import { isRecord, type Properties, plain, wrapped } from "./values.ts";

/** What the state holds of a resource: the live object, and under names of its own what made it. */
export interface Checkpoint {
  inputs: Properties;
  live: Properties;
  fieldManager?: string;
}

/** The outputs of a resource, as the state keeps them and the official provider understands them. */
export function checkpoint(
  inputs: KubernetesObject,
  live: KubernetesObject,
  { source, fieldManager }: { source: Properties; fieldManager: string },
): Properties {
  return {
    ...wrapped(live, source),
    __inputs: wrapped(inputs, source),
    __initialApiVersion: inputs.apiVersion,
    __fieldManager: fieldManager,
  };
}

export function readCheckpoint(outputs: Properties): Checkpoint {
  const { __inputs, __initialApiVersion: _, __fieldManager, ...live } = plain(outputs);
  return {
    inputs: isRecord(__inputs) ? __inputs : {},
    live,
    fieldManager: typeof __fieldManager === "string" ? __fieldManager : undefined,
  };
}

/** What the API server says of an object, and nobody asks for. */
const told = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

export function withoutTold(object: KubernetesObject): KubernetesObject {
  const metadata = Object.entries(object.metadata).filter(([key]) => !told.includes(key));
  return { ...object, metadata: Object.fromEntries(metadata) };
}

/** The inputs that a program would have to give to have the object that is there: for an import. */
export function inputsOf(live: KubernetesObject): KubernetesObject {
  const { status: _, ...object } = live;
  const { apiVersion, kind, metadata, ...rest } = withoutTold(objectOf(object));
  const serverAnnotations = [
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
  ];
  const { annotations = {}, ...others } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => !serverAnnotations.includes(key));
  const withAnnotations = kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {};
  return { apiVersion, kind, metadata: { ...others, ...withAnnotations }, ...rest };
}

/**
 * The inputs with what has changed in the live object since it was last seen: drift, which the next update undoes.
 * What the server writes otherwise than it was given (a quantity, a default) was so before, and is no drift.
 */
export function driftedInputs(
  inputs: KubernetesObject,
  before: Properties,
  live: KubernetesObject,
): KubernetesObject {
  const drifted = drift(withoutTold(inputs), before, live);
  return objectOf({ ...(isRecord(drifted) ? drifted : {}), ...driftedStringData(inputs, before, live) });
}

function drift(input: unknown, before: unknown, live: unknown): unknown {
  if (isDeepStrictEqual(before, live)) return input;
  if (isRecord(input) && isRecord(live)) {
    const old = isRecord(before) ? before : {};
    const entries = Object.entries(input).flatMap(([key, value]) => {
      const found = drift(value, old[key], live[key]);
      return found === undefined ? [] : [[key, found] as const];
    });
    return Object.fromEntries(entries);
  }
  if (Array.isArray(input) && Array.isArray(live) && input.length === live.length)
    return input.map((item, index) =>
      drift(item, Array.isArray(before) ? before[index] : undefined, live[index]),
    );
  return live;
}

/** The server keeps `stringData` as `data` in base64, and under that name alone. */
function driftedStringData(inputs: Properties, before: Properties, live: Properties): Properties {
  if (inputs.kind !== "Secret" || !isRecord(inputs.stringData)) return {};
  const old = isRecord(before.data) ? before.data : {};
  const now = isRecord(live.data) ? live.data : {};
  const entries = Object.entries(inputs.stringData).flatMap(([key, value]) => {
    if (old[key] === now[key]) return [[key, value]];
    return typeof now[key] === "string" ? [[key, Buffer.from(now[key], "base64").toString()]] : [];
  });
  return { stringData: Object.fromEntries(entries) };
}
