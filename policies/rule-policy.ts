import type {
  Policies,
  PolicyResource,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import type { IntegrationModel, ModelScope } from "../components/model/index.ts";
import { describe } from "../components/rules/finding.ts";
import { check, type Rule } from "../components/rules/rule.ts";

type Policy = Policies[number];

/** The component whose inputs tell enough for a rule. */
const subjects: Record<Exclude<ModelScope, "integration">, string> = {
  server: "mcp-infra:index:Server",
  gateway: "mcp-infra:index:Gateway",
};

/** A rule as a Pulumi policy: an error is mandatory, a warning advisory. */
export function rulePolicy(rule: Rule): Policy {
  const policy = {
    name: rule.id,
    description: rule.title,
    displayName: rule.title,
    enforcementLevel: rule.severity === "error" ? ("mandatory" as const) : ("advisory" as const),
    remediationSteps: rule.remediation,
  };
  return rule.needs === "integration"
    ? { ...policy, ...forStack(rule) }
    : { ...policy, ...forComponent(rule, subjects[rule.needs]) };
}

/**
 * Judges a component by its inputs, before anything of it exists. Reads the model and nothing else: a policy that
 * touches an unknown run-time value turns advisory in a preview.
 */
function forComponent(rule: Rule, type: string): Pick<ResourceValidationPolicy, "validateResource"> {
  return {
    validateResource: (resource, report) => {
      if (resource.type === type) for (const text of violations(rule, resource.props.model)) report(text);
    },
  };
}

/** Judges what only the whole stack tells, such as that something is absent. */
function forStack(rule: Rule): Pick<StackValidationPolicy, "validateStack"> {
  return {
    validateStack: ({ resources }, report) => {
      for (const model of integrations(resources)) for (const text of violations(rule, model)) report(text);
    },
  };
}

/**
 * Each declared integration, by the components' outputs: a stack policy sees nothing else of them. A gateway that is
 * in none counts as one, with the alerting and smoke test that are about it.
 */
function integrations(resources: readonly PolicyResource[]): IntegrationModel[] {
  const ofType = (name: string) => resources.filter(({ type }) => type === `mcp-infra:index:${name}`);
  const models = (name: string): IntegrationModel[] => ofType(name).flatMap(({ props }) => props.model ?? []);
  const about = (name: string, gateway: string) =>
    ofType(name).find(({ props }) => props.gateway === gateway)?.props.model;
  const declared = models("Integration");
  const alone = models("Gateway").filter(
    (model) => !declared.some(({ gateway }) => gateway?.name === model.name),
  );
  return [
    ...declared,
    ...alone.map((model) => {
      const alerting = about("Alerting", model.name);
      const smokeTest = about("SmokeTest", model.name);
      return {
        ...model,
        scope: "integration" as const,
        ...(alerting && { alerting }),
        ...(smokeTest && { smokeTest }),
      };
    }),
  ];
}

function violations(rule: Rule, model: IntegrationModel | undefined): string[] {
  return model ? check([rule], model).map((finding) => describe([finding])) : [];
}
