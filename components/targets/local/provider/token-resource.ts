import { randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import { Faults, PlainError } from "./faults.ts";
import type { ResourceType } from "./resource-type.ts";
import { type Properties, plain, secret } from "./values.ts";

const tokenInputsSchema = z.strictObject({
  /** Any change makes a new token, such as a date of rotation. */
  rotation: z.string().optional(),
});

/**
 * `mcp-infra-local:index:Token`: 32 random bytes as text, in the output `value`, which is secret. It exists
 * nowhere but in the encrypted state.
 */
export const tokenResource: ResourceType = {
  async check(_urn, _olds, news) {
    const faults = new Faults();
    const values = plain(news);
    const parsed = tokenInputsSchema.safeParse(values);
    if (!parsed.success) faults.addIssues(tokenInputsSchema, parsed.error.issues, values);
    return { inputs: news, failures: faults.list };
  },
  async diff(olds, news) {
    const changes = (plain(olds) as Properties).rotation !== (plain(news) as Properties).rotation;
    return { changes, replaces: changes ? ["rotation"] : [] };
  },
  async create(_urn, inputs) {
    const value = secret(randomBytes(32).toString("base64url"));
    return { id: randomUUID(), outs: { ...inputs, value } };
  },
  async read(id, olds) {
    if (olds.value === undefined)
      throw new PlainError("a token can't be imported; declare it and run `pulumi up`");
    return { id, props: olds };
  },
  async update(_urn, olds, news) {
    return { outs: { ...news, value: olds.value } };
  },
  async delete() {},
};
