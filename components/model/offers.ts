import { z } from "zod";
import { secretStoreSchema } from "./integration.ts";
import { nameSchema, nonEmptySchema } from "./names.ts";
import { resolvedServerSchema, type ServerModel } from "./server.ts";

/**
 * Version of what a stack exports for others. It goes up whenever the form changes, a property of the model included:
 * a reader that doesn't know it says so, rather than that a property is wrong.
 */
export const offersVersion = 2;

/** One server as its stack offers it: what rules judge, where it is, and what changes with every new start of it. */
export const offeredServerSchema = z.strictObject({
  target: nonEmptySchema,
  namespace: nonEmptySchema.optional(),
  model: resolvedServerSchema,
  /** The stores of its secrets by their keys; no value leaves its stack. */
  secrets: z.array(secretStoreSchema),
  url: z.url({ protocol: /^https?$/, error: "is no http or https URL" }),
  socket: nonEmptySchema.optional(),
  revision: z.string(),
});

/** What a stack exports for others. */
export const offersSchema = z.strictObject({
  // What is new in 2, how failures of a server are met, is its gateway's own where 1 says nothing of it.
  version: z.literal([1, offersVersion]),
  servers: z.record(nameSchema, offeredServerSchema),
});

/** An offer as the reading program has it: with the stack it is from. */
export const offerSchema = offeredServerSchema.extend({ stack: nonEmptySchema });

/** A server that another stack offers. */
export type OfferModel = z.output<typeof offerSchema>;

/** One property by which somebody asks for more than is offered. */
export interface Excess {
  property: string;
  reason: string;
}

/**
 * The model of an offered server under the reader's name for it. The reader may want less of it, fewer tools or an
 * earlier end of a call; what goes beyond the offer is named. Pure.
 */
export function acceptOffer(
  { stack, target, namespace, model, secrets }: OfferModel,
  wanted: Pick<ServerModel, "name" | "timeout" | "tools">,
): { model: ServerModel; secrets: OfferModel["secrets"]; excess: Excess[] } {
  // The reader may have a store of the same name: these are told apart by whose they are.
  const ofStack = (store: string) => `${stack} ${store}`;
  const env = Object.entries(model.env).map(([name, value]) => [
    name,
    typeof value === "string" ? value : { ...value, store: ofStack(value.store) },
  ]);
  return {
    model: {
      ...model,
      name: wanted.name,
      offered: { stack, name: model.name, target, ...(namespace && { namespace }) },
      env: Object.fromEntries(env),
      ...(wanted.tools && { tools: wanted.tools }),
      ...(wanted.timeout && { timeout: wanted.timeout }),
    },
    secrets: secrets.map((store) => ({ ...store, name: ofStack(store.name) })),
    excess: [...toolsBeyond(stack, model, wanted.tools), ...timeoutBeyond(stack, model, wanted.timeout)],
  };
}

function toolsBeyond(stack: string, { tools }: ServerModel, wanted: string[] = []): Excess[] {
  return wanted.flatMap((tool, index) =>
    tools && !tools.includes(tool)
      ? [
          {
            property: `tools[${index}]`,
            reason: `is "${tool}", which stack ${stack} does not offer (it offers ${tools.join(", ")})`,
          },
        ]
      : [],
  );
}

function timeoutBeyond(stack: string, { timeout }: ServerModel, wanted = 0): Excess[] {
  if (timeout === undefined || wanted <= timeout) return [];
  return [{ property: "timeout", reason: `is ${wanted} ms; stack ${stack} offers at most ${timeout} ms` }];
}
