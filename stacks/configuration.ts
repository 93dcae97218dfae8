import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/** Everything a stack may configure; anything else in its file is refused, as a mistyped key would be. */
const schema = z.strictObject({
  /** Port of the gateway. */
  port: z.int().min(1).max(65_535).default(7400),
  /** Port of the utilities server. */
  utilitiesPort: z.int().min(1).max(65_535).default(7401),
  /** Whether there is a caller for people who try the stack out. */
  developer: z.boolean().default(false),
  /** What callers may rely on. */
  objectives: z
    .strictObject({
      availability: z.number().default(0.999),
      p95: z.templateLiteral([z.int(), z.enum(["ms", "s", "m", "h"])]).default("800ms"),
    })
    .prefault({}),
});

/** The configuration of a stack, typed. */
export type Configuration = z.output<typeof schema>;

/** Reads the stack's configuration; throws one error that names every fault by its full key. */
export function readConfiguration(
  project = pulumi.getProject(),
  all = pulumi.runtime.allConfig(),
): Configuration {
  const own = Object.entries(all).filter(([key]) => key.startsWith(`${project}:`));
  const given = Object.fromEntries(own.map(([key, value]) => [key.slice(project.length + 1), parsed(value)]));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map(
        (key) =>
          `${[project, [...issue.path, key].join(".")].join(":")}: is no configuration of this program; it has ${Object.keys(schema.shape).join(", ")}`,
      );
    return [`${project}:${issue.path.join(".")}: ${issue.message}`];
  });
  throw new pulumi.RunError(
    `the stack's configuration is refused\n${faults.map((fault) => `✗ ${fault}`).join("\n")}`,
  );
}

/** Pulumi hands every value over as text; numbers, booleans and objects are JSON in it. */
function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
