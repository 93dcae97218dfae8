/**
 * Each hand-written interface of arguments against the zod schema that reads it: the same keys, optional in the
 * same places, at every depth, and what the one allows the other takes. There is nothing to run: `tsc --noEmit`
 * checks this file.
 */
import { expectTypeOf } from "vitest";
import type { z } from "zod";
import type * as mcp from "../../components/index.ts";
import type {
  alertingSchema,
  consumerSchema,
  gatewaySchema,
  narrowingSchema,
  requirementsSchema,
  SecretReference,
  SecretStoreModel,
  secretStoreSchema,
  serverSchema,
  smokeTestSchema,
} from "../../components/model/index.ts";

/** What a schema takes, apart from the name, which is the component's own. */
type Described<Schema extends z.ZodType> = Omit<z.input<Schema>, "name">;

/** Arguments as a schema sees them: a secret's reference without its value, a server by its name. */
type Plain<T> = T extends mcp.SecretRef
  ? SecretReference
  : T extends mcp.Server
    ? string
    : T extends readonly (infer Item)[]
      ? Plain<Item>[]
      : T extends object
        ? { [Key in keyof T]: Plain<T[Key]> }
        : T;

/** The keys of a type at every depth, and which may be left out; whatever is no object is a leaf. */
type Keys<T> = T extends readonly (infer Item)[]
  ? Keys<Item>[]
  : T extends object
    ? { [Key in keyof T]: Keys<NonNullable<T[Key]>> }
    : "leaf";

// An offer is read by its own schema; in the model stands where it is from.
type ServerArgs = Plain<Omit<mcp.ServerArgs, "target" | "offered">>;
type DescribedServer = Omit<Described<typeof serverSchema>, "offered">;
expectTypeOf<ServerArgs>().toExtend<DescribedServer>();
expectTypeOf<Keys<ServerArgs>>().toEqualTypeOf<Keys<DescribedServer>>();
expectTypeOf<Pick<ServerArgs, "timeout" | "tools">>().toExtend<Described<typeof narrowingSchema>>();

type ConsumerArgs = Plain<mcp.ConsumerArgs>;
expectTypeOf<ConsumerArgs>().toExtend<Described<typeof consumerSchema>>();
expectTypeOf<Keys<ConsumerArgs>>().toEqualTypeOf<Keys<Described<typeof consumerSchema>>>();

type GatewayArgs = Plain<Omit<mcp.GatewayArgs, "target" | "servers" | "consumers">>;
expectTypeOf<GatewayArgs>().toExtend<Described<typeof gatewaySchema>>();
expectTypeOf<Keys<GatewayArgs>>().toEqualTypeOf<Keys<Described<typeof gatewaySchema>>>();

type AlertingArgs = Plain<Omit<mcp.AlertingArgs, "gateway" | "smokeTest">>;
expectTypeOf<AlertingArgs>().toExtend<Described<typeof alertingSchema>>();
expectTypeOf<Keys<AlertingArgs>>().toEqualTypeOf<Keys<Described<typeof alertingSchema>>>();

type SmokeTestArgs = Plain<Omit<mcp.SmokeTestArgs, "gateway">>;
expectTypeOf<SmokeTestArgs>().toExtend<Described<typeof smokeTestSchema>>();
expectTypeOf<Keys<SmokeTestArgs>>().toEqualTypeOf<Keys<Described<typeof smokeTestSchema>>>();

type Requirements = NonNullable<mcp.IntegrationArgs["requirements"]>;
expectTypeOf<Requirements>().toEqualTypeOf<z.input<typeof requirementsSchema>>();

// A store's schema reads keys alone: values never get that far.
expectTypeOf<keyof mcp.SecretsArgs>().toEqualTypeOf<"target" | "values" | "generate" | "external">();
expectTypeOf<keyof NonNullable<mcp.SecretsArgs["values"]>>().toExtend<SecretStoreModel["given"][number]>();
expectTypeOf<mcp.SecretsArgs["external"]>().toEqualTypeOf<z.input<typeof secretStoreSchema>["external"]>();
expectTypeOf<mcp.SecretsArgs["generate"]>().toEqualTypeOf<SecretStoreModel["generated"] | undefined>();
