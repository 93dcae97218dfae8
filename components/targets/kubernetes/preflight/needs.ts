/** Annotation of a namespace or Deployment that a stack has made: which stack, as `organization/project/stack`. */
export const stackAnnotation = "mcp-infra.dev/stack";
/** Annotation of the same, and of claims for volumes: which state of that name, by a mark that is random. */
export const ownerAnnotation = "mcp-infra.dev/owner";

/** What a declaration needs of a cluster. */
export interface Needs {
  /** The stack, as `organization/project/stack`. */
  stack: string;
  /** The kinds of what will be made; its group's version has to be served, and its making allowed. */
  kinds: { apiVersion: string; kind: string }[];
  /** Names of the Deployments and their Services that will be made. */
  workloads?: string[];
  /** Names of the claims for volumes that will be made. */
  volumes?: string[];
  /** What all pods together request, replicas counted; of an existing namespace's quota. */
  claims?: { cpu?: string; memory?: string; pods?: number };
}
