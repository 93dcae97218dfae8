import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { isObject } from "../gateway/protocol/messages.ts";

/** MCP's schemas are of 2020-12 unless they say otherwise, and many servers say draft 7. */
function validatorFor(schema: Record<string, unknown>): Ajv | Ajv2020 {
  const options = { strict: false, validateFormats: false, logger: false, addUsedSchema: false } as const;
  return /draft-0[67]/.test(String(schema.$schema)) ? new Ajv(options) : new Ajv2020(options);
}

/**
 * Why an example call's arguments don't fit a schema; empty when they do, `undefined` when the schema can't be used to tell.
 */
export function misfit(schema: unknown, example: unknown): string | undefined {
  if (!isObject(schema)) return undefined;
  // What Ajv alone knows, an asynchronous schema, is no JSON Schema.
  const { $schema, $async: _, ...rest } = schema;
  try {
    const ajv = validatorFor({ $schema });
    return ajv.validate(rest, example)
      ? ""
      : ajv.errorsText(ajv.errors, { dataVar: "arguments", separator: "; " });
  } catch {
    return undefined;
  }
}
