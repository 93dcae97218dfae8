/** A bag of properties: plain JSON, with the engine's wrappers for secrets and unknowns in it until `plain`. */
export type Properties = Record<string, unknown>;

// Fixed by Pulumi's protocol. From the SDK they would cost its whole runtime at every start of the plugin.
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Stands for a value that the engine does not know yet, as happens in a preview. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is an object with keys, neither null nor a list. */
export function isRecord(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an unknown stands anywhere in a value. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isRecord(value) && Object.values(value).some(hasUnknown);
}

/** Marks a value as secret, so that the engine encrypts it in the state and hides it in every display. */
export function secret(value: unknown): Properties {
  return { [signature]: secretSignature, value };
}

function isSecret(value: unknown): value is Properties & { value: unknown } {
  return isRecord(value) && value[signature] === secretSignature;
}

function isOutput(value: unknown): value is Properties & { value?: unknown } {
  return isRecord(value) && value[signature] === outputSignature;
}

function hasSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasSecret);
  if (!isRecord(value)) return false;
  if (isSecret(value) || (isOutput(value) && value.secret === true)) return true;
  return Object.values(value).some(hasSecret);
}

/** The SDK has no dashes in its names: `x_kubernetes_list_type` is the API's `x-kubernetes-list-type`. */
const dashed = (key: string) => (key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key);
const underscored = (key: string) => (key.startsWith("x-kubernetes-") ? key.replaceAll("-", "_") : key);

/** What the API gets: without the engine's wrappers, without nulls, and under the API's names. */
export function plain(properties: Properties): Properties {
  return openRecord(properties);
}

function open(value: unknown): unknown {
  if (isSecret(value)) return open(value.value);
  if (isOutput(value)) return "value" in value ? open(value.value) : unknown;
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(open);
  return isRecord(value) ? openRecord(value) : value;
}

function openRecord(record: Properties): Properties {
  const entries = Object.entries(record).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [dashed(key), open(value)]));
}

/** What the engine gets of an object of the API: under the SDK's names, and secret where `source` is. */
export function wrapped(object: Properties, source: Properties): Properties {
  const values = markSecrets(renamed(object), source);
  return values.kind === "Secret" ? withSecretData(values) : values;
}

function renamed(record: Properties): Properties {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [underscored(key), renamedValue(value)]),
  );
}

function renamedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamedValue);
  return isRecord(value) ? renamed(value) : value;
}

/** A list is secret as a whole when an item is, since an item may have moved; an object only where it is. */
function markSecrets(values: Properties, source: Properties): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const origin = source[key];
      if (isRecord(value) && isRecord(origin) && !isSecret(origin) && !isOutput(origin))
        return [key, markSecrets(value, origin)];
      return [key, hasSecret(origin) ? secret(value) : value];
    }),
  );
}

/** All of a Secret's data, whoever wrote it; `kubectl apply` leaves a copy in an annotation. */
function withSecretData(values: Properties): Properties {
  const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
  const marked = { ...values };
  for (const key of ["data", "stringData"])
    if (key in marked && !isSecret(marked[key])) marked[key] = secret(marked[key]);
  const { metadata } = marked;
  if (isRecord(metadata) && isRecord(metadata.annotations) && lastApplied in metadata.annotations) {
    const annotations = { ...metadata.annotations, [lastApplied]: secret(metadata.annotations[lastApplied]) };
    marked.metadata = { ...metadata, annotations };
  }
  return marked;
}
