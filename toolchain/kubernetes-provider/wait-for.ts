import { parsePath } from "./diff.ts";
import { annotation, at, condition, type KubernetesObject, textAt } from "./objects.ts";
import type { Judgement } from "./readiness.ts";
import { unknown } from "./values.ts";

/** Something that a program itself says to wait for. */
export interface Requirement {
  text: string;
  isMet: (object: KubernetesObject) => boolean;
}

/**
 * Reads the annotation `pulumi.com/waitFor`: `condition=Ready`, `condition=Ready=False`,
 * `jsonpath={.status.phase}=Running`, `jsonpath={.status.url}`, or a JSON list of such.
 */
export function requirementsOf(inputs: KubernetesObject): Requirement[] {
  const text = annotation(inputs, "waitFor");
  if (text === "" || text === unknown) return [];
  const texts = text.startsWith("[") ? (JSON.parse(text) as unknown[]).map(String) : [text];
  return texts.map((one) => ({ text: one, isMet: readRequirement(one) }));
}

function readRequirement(text: string): Requirement["isMet"] {
  const [, type, status = "True"] = /^condition=([^=]+)(?:=(.+))?$/.exec(text) ?? [];
  if (type !== undefined) return (object) => textAt(condition(object, type), "status") === status;
  const [, path, value] = /^jsonpath=\{\.([\w.[\]"/-]+)\}(?:=(.*))?$/.exec(text) ?? [];
  if (path === undefined) {
    throw new Error(
      `the annotation pulumi.com/waitFor has "${text}"; this provider reads condition=Type, condition=Type=Status and jsonpath={.a.path}=value`,
    );
  }
  return (object) => {
    const found = at(object, ...parsePath(path));
    return found !== undefined && (value === undefined || String(found) === value);
  };
}

export function judgeRequirements(object: KubernetesObject, requirements: readonly Requirement[]): Judgement {
  const unmet = requirements.find(({ isMet }) => !isMet(object));
  return unmet === undefined ? { state: "ready" } : { state: "waiting", reason: `waiting for ${unmet.text}` };
}
