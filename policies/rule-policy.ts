import type {
  Policies,
  PolicyResource,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import type { IntegrationModel, ModelScope } from "../components/model/index.ts";
import { describe } from "../components/rules/finding.ts";
import { check, type Level, levelOf, type Rule } from "../components/rules/rule.ts";

type Policy = Policies[number];

/** What is reported of a model. */
type Judge = (model: IntegrationModel | undefined) => string[];

/** The component whose inputs tell enough for a rule. */
const subjects: Record<Exclude<ModelScope, "integration">, string> = {
  server: "mcp-infra:index:Server",
  gateway: "mcp-infra:index:Gateway",
};

/** A rule as a Pulumi policy. A note is what whoever violates it has to know beside. */
export function rulePolicy(rule: Rule, level: Level | "disabled" = levelOf(rule), note = ""): Policy {
  const policy = {
    name: rule.id,
    description: rule.title,
    displayName: rule.title,
    enforcementLevel: level,
    remediationSteps: rule.remediation,
  };
  const judge: Judge = (model) =>
    model ? check([rule], model).map((finding) => `${describe([finding])}${note && `\n    ${note}`}`) : [];
  return rule.needs === "integration"
    ? { ...policy, ...forStack(judge) }
    : { ...policy, ...forComponent(judge, subjects[rule.needs]) };
}

/**
 * Judges a component by its inputs, before anything of it exists. Reads the model and nothing else: a policy that
 * touches an unknown run-time value turns advisory in a preview.
 */
function forComponent(judge: Judge, type: string): Pick<ResourceValidationPolicy, "validateResource"> {
  return {
    validateResource: (resource, report) => {
      if (resource.type === type) for (const text of judge(resource.props.model)) report(text);
    },
  };
}

/** Judges what only the whole stack tells, such as that something is absent. */
function forStack(judge: Judge): Pick<StackValidationPolicy, "validateStack"> {
  return {
    validateStack: ({ resources }, report) => {
      for (const model of integrations(resources)) for (const text of judge(model)) report(text);
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
