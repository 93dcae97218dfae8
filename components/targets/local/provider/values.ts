import {
  specialOutputValueSig,
  specialSecretSig,
  specialSigKey,
  unknownValue,
} from "@pulumi/pulumi/runtime/rpc.js";

/** A bag of properties as the engine sends it: plain values, with secrets and unknowns in the wrappers below. */
export type Properties = Record<string, unknown>;

/** Whether a value is an object with keys, neither null nor a list. */
export function isRecord(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether the engine does not know this value yet, as happens in a preview. */
export function isUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  return isRecord(value) && value[specialSigKey] === specialOutputValueSig && !("value" in value);
}

/** Whether an unknown stands anywhere in a value. */
export function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isRecord(value) && Object.values(value).some(hasUnknown);
}

/** Marks a value as secret, so that the engine encrypts it in the state and hides it in every display. */
export function secret(value: unknown): Properties {
  return { [specialSigKey]: specialSecretSig, value };
}

function wrapped(value: Properties): boolean {
  return value[specialSigKey] === specialSecretSig || value[specialSigKey] === specialOutputValueSig;
}

/** The value without its wrappers; unknowns stay as the engine's marker for them. */
export function plain(value: unknown): unknown {
  if (isUnknown(value)) return unknownValue;
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  if (wrapped(value)) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** Every text marked secret in a value, so that messages can leave it out. */
export function secretTexts(value: unknown, inside = false): string[] {
  if (typeof value === "string") return inside && value !== unknownValue ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((item) => secretTexts(item, inside));
  if (!isRecord(value)) return [];
  if (wrapped(value)) {
    const isSecret = value[specialSigKey] === specialSecretSig || value.secret === true;
    return secretTexts(value.value, inside || isSecret);
  }
  return Object.values(value).flatMap((item) => secretTexts(item, inside));
}

/** `values` with the keys that only `defaults` has added to it, at every depth; what is there keeps its wrapper. */
export function withDefaults(values: unknown, defaults: unknown): unknown {
  if (values === undefined) return defaults;
  if (Array.isArray(values) && Array.isArray(defaults)) {
    return values.map((item, index) => withDefaults(item, defaults[index]));
  }
  if (!isRecord(values) || !isRecord(defaults) || wrapped(values)) return values;
  const keys = new Set([...Object.keys(values), ...Object.keys(defaults)]);
  return Object.fromEntries([...keys].map((key) => [key, withDefaults(values[key], defaults[key])]));
}

/** A value without the keys that have none: the engine's protocol can't carry `undefined`. */
export function withoutUndefined<Value>(value: Value): Value;
export function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutUndefined(item)]));
}

/** A map whose every value is marked secret, while its keys stay readable in a preview. */
export function secretEntries(map: unknown): unknown {
  if (isUnknown(map)) return map;
  const opened = isRecord(map) && wrapped(map) ? map.value : map;
  if (!isRecord(opened)) return isUnknown(opened) ? secret(unknownValue) : map;
  return Object.fromEntries(
    Object.entries(opened).map(([key, value]) => [key, isUnknown(value) ? value : secret(plain(value))]),
  );
}
