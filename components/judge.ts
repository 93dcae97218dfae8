import type { IntegrationModel } from "./model/index.ts";
import { componentRules } from "./rules/index.ts";
import { check } from "./rules/rule.ts";
import type { Target } from "./targets/target.ts";

/**
 * Reports what the rules that hold whatever a policy says find in a model. What a target can't do is asked of what it
 * makes itself: a server that another stack runs has been judged there, by that stack's settings.
 */
export function judge({ declaration, capabilities }: Target, model: IntegrationModel): void {
  const own = { ...model, servers: model.servers.filter(({ offered }) => !offered) };
  declaration.report([...check(componentRules, model), ...check(capabilities, own)]);
}
