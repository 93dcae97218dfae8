import type { AlertingModel, IntegrationModel, SmokeTestModel } from "../components/model/index.ts";
import { withoutGaps } from "../components/model/index.ts";
import type { Step } from "./events.ts";

/**
 * The integrations of a stack as they are deployed, or as they are declared: the components have the resolved model as an
 * input, which is known in any preview. A gateway that is in no integration counts as one.
 */
export function modelsIn(steps: readonly Step[], side: "before" | "after"): IntegrationModel[] {
  const inputs = (component: string) =>
    steps.filter(({ type }) => type === `mcp-infra:index:${component}`).map((step) => step[side] ?? {});
  const models = <Model>(component: string): Model[] =>
    inputs(component).flatMap(({ model }) => (model ? [model as Model] : []));
  const declared = models<IntegrationModel>("Integration");
  const gateways = models<IntegrationModel>("Gateway");
  const alone = gateways.filter(({ name }) => !declared.some(({ gateway }) => gateway?.name === name));
  // Alerting doesn't say in its inputs which gateway it is about; where there is one, it is about that.
  const alerting = gateways.length === 1 ? models<AlertingModel>("Alerting")[0] : undefined;
  return [
    ...declared,
    ...alone.map((model) => {
      const smokeTest = inputs("SmokeTest").find(({ gateway }) => gateway === model.name)?.model;
      return {
        ...model,
        scope: "integration" as const,
        ...(alerting && { alerting }),
        ...(smokeTest !== undefined && { smokeTest: smokeTest as SmokeTestModel }),
      };
    }),
  ].map(withoutGaps);
}

/** An integration as it is, beside what it becomes. */
export interface ModelPair {
  before?: IntegrationModel;
  after?: IntegrationModel;
}

/**
 * What belongs together, by the gateway that callers know. In a preview that was stopped, what was not got to is not gone:
 * only what was is compared.
 */
export function pairsIn(steps: readonly Step[], stopped: boolean): ModelPair[] {
  const before = modelsIn(steps, "before");
  const after = modelsIn(steps, "after");
  const keyOf = ({ gateway, name }: IntegrationModel) => gateway?.name ?? name;
  const gone = before.filter((was) => !after.some((is) => keyOf(is) === keyOf(was)));
  return [
    ...after.map((is) => {
      const was = before.find((each) => keyOf(each) === keyOf(is));
      return { after: is, ...(was && { before: was }) };
    }),
    ...gone.map((was) => (stopped ? { before: was, after: was } : { before: was })),
  ];
}
