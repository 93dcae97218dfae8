import type { IntegrationModel } from "../components/model/index.ts";
import type { Finding } from "../components/rules/finding.ts";
import type { Readiness } from "../components/views/readiness.ts";
import type { DomainChange } from "./domain-change.ts";
import type { Effect } from "./effect.ts";

/** What a preview of one stack tells a reviewer. */
export interface Preview {
  stack: string;
  /** What differs from what is deployed, in words of the domain. */
  changes: DomainChange[];
  /** What the engine does about it: how many resources by operation. */
  operations: Record<string, number>;
  /** What that means for callers. */
  effects: Effect[];
  /** What rules and policies found; one of severity `error` refuses the preview. */
  findings: Finding[];
  /** The readiness gate's verdict on what is declared; absent where there is no gateway, or it was not got to. */
  readiness?: Readiness;
  /** What is deployed; absent in a new stack. */
  before?: IntegrationModel;
  /** What is declared; absent where the declaration was refused before it was whole. */
  model?: IntegrationModel;
  /** Why the preview failed, beyond its findings. */
  error?: string;
}

/**
 * Runs the real `pulumi preview` of a stack, with the policies, and answers what it told.
 *
 * @param stack default: the one that is selected in Pulumi
 * @throws {UserError} when there is no such stack
 */
export async function previewOf(stack: string): Promise<Preview> {
  throw new Error(`no preview of ${stack} yet`);
}
