import { z } from "zod";
import type { IntegrationModel } from "../model/integration.ts";

/**
 * A model knows no names of environments. What callers are promised tells production: from so much availability on, an
 * integration is held to what keeps such a promise.
 */
export const productionSchema = z.strictObject({
  /** Share of calls from which a promised availability counts as production. */
  from: z.number().gt(0).lt(1).default(0.999),
});

/** What is promised, in words, where it is a promise of production. */
export function promised(
  { gateway }: Pick<IntegrationModel, "gateway">,
  { from }: z.output<typeof productionSchema>,
): string | undefined {
  const availability = gateway?.objectives?.availability;
  if (availability === undefined || availability < from) return undefined;
  return `${Number((availability * 100).toFixed(4))} %`;
}
