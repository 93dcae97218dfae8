import { isDeepStrictEqual } from "node:util";
import type { Path } from "./diff.ts";
import { at, type KubernetesObject, listAt, textAt } from "./objects.ts";
import { isRecord, type Properties } from "./values.ts";

/** Managers whose fields an update takes over, as the official provider does: a person's own hand, and client-side apply. */
const takenOver = [
  { name: "kubectl", operation: "Apply" },
  { name: "kubectl", operation: "Update" },
  { name: "before-first-apply", operation: "Update" },
  { name: "pulumi-kubernetes", operation: "Update" },
  { name: "pulumi-resource-kubernetes", operation: "Update" },
];

/** The patch that makes ours what such managers own of an object; undefined when they own nothing. */
export function takeover(object: KubernetesObject, fieldManager: string): Properties[] | undefined {
  const entries = listAt(object, "metadata", "managedFields").filter(isRecord);
  const ofOthers = entries.filter(
    (entry) =>
      textAt(entry, "subresource") === "" &&
      takenOver.some(
        ({ name, operation }) =>
          textAt(entry, "manager").startsWith(name) && textAt(entry, "operation") === operation,
      ),
  );
  const isOwn = (entry: Properties) => entry.manager === fieldManager && entry.operation === "Apply";
  const theirs = ofOthers.filter((entry) => !isOwn(entry));
  if (theirs.length === 0) return undefined;
  const own = entries.find(isOwn);
  const fieldsV1 = [...(own ? [own] : []), ...theirs].map((entry) => entry.fieldsV1).reduce(merged, {});
  const rest = entries.filter((entry) => entry !== own && !theirs.includes(entry));
  const taken = { ...(own ?? theirs[0]), manager: fieldManager, operation: "Apply", fieldsV1 };
  return [{ op: "replace", path: "/metadata/managedFields", value: [...rest, taken] }];
}

function merged(one: unknown, other: unknown): unknown {
  if (!isRecord(one) || !isRecord(other) || isDeepStrictEqual(one, other)) return one ?? other;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(one[key], other[key])]));
}

/** Whether others set a field and `fieldManager` does not, so that an update leaves it to them. */
export function belongsToOthers(object: KubernetesObject, path: Path, fieldManager: string): boolean {
  if (path.some((key) => typeof key === "number")) return false;
  const fields = path.map((key) => `f:${key}`);
  const owners = listAt(object, "metadata", "managedFields").filter(
    (entry) => at(entry, "fieldsV1", ...fields) !== undefined,
  );
  return owners.length > 0 && !owners.some((entry) => textAt(entry, "manager") === fieldManager);
}
