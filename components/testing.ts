/**
 * For tests of rules, the framework's and your own, on declarations that no engine runs: `mcp-infra/testing`.
 *
 * @packageDocumentation
 */
import { z } from "zod";
import { faultsOf } from "./model/faults.ts";
import {
  alertingSchema,
  consumerSchema,
  gatewaySchema,
  type IntegrationModel,
  requirementsSchema,
  secretStoreSchema,
  serverSchema,
  smokeTestSchema,
} from "./model/index.ts";
import type { Finding } from "./rules/finding.ts";
import { rules as shipped } from "./rules/index.ts";
import { check, type Rule } from "./rules/rule.ts";

export type { IntegrationModel } from "./model/index.ts";
export type { Finding, Severity } from "./rules/finding.ts";
export { type Concern, type Rule, tunable, type Violation } from "./rules/rule.ts";

/** Every rule of the framework. */
export const rules: readonly Rule[] = shipped;

const declarationSchema = z.strictObject({
  name: z.string().default("integration"),
  target: z.string().default("local"),
  servers: z.array(serverSchema).default([]),
  consumers: z.array(consumerSchema).default([]),
  secrets: z.array(secretStoreSchema).default([]),
  gateway: gatewaySchema.optional(),
  alerting: alertingSchema.optional(),
  smokeTest: smokeTestSchema.optional(),
  requirements: requirementsSchema.optional(),
});

/**
 * A declaration in plain data, by the same names as the components' arguments: each part has its `name` beside them, a
 * secret is `{ store, key }`, a use names its `server` by name.
 */
export type DeclarationInput = z.input<typeof declarationSchema>;

/**
 * The model that rules judge, as components resolve it: with defaults, and durations in milliseconds. With a gateway it is
 * a whole integration, in which what is not there counts as missing; without, its servers are judged each by itself.
 * @throws {TypeError} that names every property that doesn't fit
 */
export function modelOf(declaration: DeclarationInput): IntegrationModel {
  const result = declarationSchema.safeParse(declaration);
  if (result.success) return { ...result.data, scope: result.data.gateway ? "integration" : "server" };
  const faults = faultsOf(declarationSchema, result.error.issues, declaration);
  throw new TypeError(
    `the declaration can't be read\n${faults.map(({ path, reason }) => `✗ ${path}: ${reason}`).join("\n")}`,
  );
}

/** What rules find in a model, or in a declaration: each finding with its rule, path, severity, reason and remediation. */
export function findings(judged: readonly Rule[], of: IntegrationModel | DeclarationInput): Finding[] {
  return check(judged, "scope" in of ? of : modelOf(of));
}

/** A rule of the framework by its id. */
export function rule(id: string): Rule {
  const found = shipped.find((each) => each.id === id);
  if (!found)
    throw new TypeError(`there is no rule "${id}"; there is ${shipped.map((each) => each.id).join(", ")}`);
  return found;
}
