import { z } from "zod";
import { faultsOf } from "../../components/model/faults.ts";
import { Unreadable } from "../found.ts";

/** Numbers and switches are written without quotes where text is meant. */
export const textSchema = z
  .union([z.string(), z.number(), z.boolean()], { error: "has to be text" })
  .transform(String);

/** Reads a part of a file by its schema, which tells what is wrong with it. @throws Unreadable */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = faultsOf(schema, result.error.issues, value);
  throw new Unreadable(
    faults.map(({ path, reason }) => `${[where, path].filter(Boolean).join(".")}: ${reason}`).join("\n"),
  );
}

/** What stands in an entry beyond what is understood, as a remark. */
export function leftOut(entry: object, known: readonly string[]): string[] {
  const others = Object.keys(entry).filter((key) => !known.includes(key));
  return others.length > 0 ? [`${others.join(", ")}: not carried over`] : [];
}
