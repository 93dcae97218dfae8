import { parseArgs } from "node:util";
import { PlainError } from "../../components/targets/local/provider/faults.ts";
import { Refusal, say } from "../checkout.mjs";
import { buildImage } from "./index.ts";

/** `npm run image -- [PACKAGE…] [--out FILE]`: builds the image and prints its reference and its file. */
try {
  const options = { out: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const { reference, tar } = await buildImage({ packages: positionals, out: values.out });
  process.stdout.write(`${reference}\n${tar}\n`);
} catch (error) {
  const forPeople = error instanceof Refusal || error instanceof PlainError;
  const isUsage =
    error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (!forPeople && !isUsage) throw error;
  say(error.message);
  process.exitCode = 1;
}
