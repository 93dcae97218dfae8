import type { Properties } from "./values.ts";

/** What the API server answered instead of doing what it was asked; the message is its own. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** The namespace of an object is not there, as opposed to the object itself. */
export function isNamespaceMissing(error: unknown): boolean {
  return isNotFound(error) && /^namespaces ".*" not found$/.test(messageOf(error));
}

/** The API server has no such kind: usually its CustomResourceDefinition is not there. */
export class NoMatch extends Error {
  constructor(apiVersion: string, kind: string) {
    super(`no matches for kind "${kind}" in version "${apiVersion}"`);
  }
}

/** Nobody answers, or the kubeconfig names nobody to ask. */
export class Unreachable extends Error {
  constructor(reason: string) {
    super(`configured Kubernetes cluster is unreachable: ${reason}`);
  }
}

/** The object is there and does not work: it goes into the state, and the next `up` tries it again. */
export class InitFailure extends Error {
  readonly id: string;
  readonly outputs: Properties;
  readonly reasons: readonly string[];
  readonly inputs: Properties | undefined;

  constructor(
    message: string,
    resource: { id: string; outputs: Properties; inputs?: Properties },
    reasons: readonly string[] = [],
  ) {
    super(message);
    this.id = resource.id;
    this.outputs = resource.outputs;
    this.inputs = resource.inputs;
    this.reasons = [message, ...reasons];
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
