import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { describe, distinct, type Finding } from "./rules/finding.ts";

/**
 * What one program declares on one target, and what is wrong with it. Components report their findings here
 * instead of throwing one by one, and register nothing before {@link Declaration.settled}: so a program's
 * faults come all at once, and none of its resources has changed by then.
 */
export class Declaration {
  #findings: Finding[] = [];
  #refusals: string[] = [];
  #settled: Promise<void> | undefined;

  /** Everything reported so far, each finding once. */
  get findings(): readonly Finding[] {
    return distinct(this.#findings);
  }

  /** Adds findings; those of severity `error` refuse the program. */
  report(findings: readonly Finding[]): void {
    this.#findings.push(...findings);
    this.#watch();
  }

  /** Refuses the program with a text of its own, such as a checklist that is not complete. */
  refuse(text: string): void {
    this.#refusals.push(text);
    this.#watch();
  }

  /** Reads a component's arguments by its schema; what doesn't fit is reported and gives `undefined`. */
  read<Schema extends z.ZodType>(
    schema: Schema,
    component: string,
    input: unknown,
  ): z.output<Schema> | undefined {
    const { model, findings } = read(schema, component, input);
    this.report(findings);
    return model;
  }

  /** Inputs that reach the engine only when the declaration holds; plain values stay known in a preview. */
  gate<Inputs extends Record<string, unknown>>(
    inputs: Inputs,
  ): { [Key in keyof Inputs]: pulumi.Output<unknown> } {
    const gated = Object.entries(inputs).map(([key, value]) => [
      key,
      pulumi.output(this.settled.then(() => value)),
    ]);
    return Object.fromEntries(gated);
  }

  /** Resolves when the program has run to its end without an error among the findings; else never does. */
  get settled(): Promise<void> {
    return this.#watch();
  }

  /** The program's last synchronous statement is behind us when this runs: judge what it declared. */
  #watch(): Promise<void> {
    this.#settled ??= new Promise((resolve) =>
      setImmediate(() => {
        this.#settled = undefined;
        const errors = this.findings.filter(({ severity }) => severity === "error");
        // A RunError from here ends the program with this text alone: no stack, and nothing registered.
        const refusals = [...(errors.length > 0 ? [describe(errors)] : []), ...this.#refusals];
        if (refusals.length > 0)
          throw new pulumi.RunError(`the declaration is refused\n${refusals.join("\n\n")}`);
        resolve();
      }),
    );
    return this.#settled;
  }
}

/** Reads a component's arguments by its schema: the model, or a finding for each property that doesn't fit. */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  component: string,
  input: unknown,
): { model?: z.output<Schema>; findings: Finding[] } {
  const result = schema.safeParse(input);
  if (result.success) return { model: result.data, findings: [] };
  const findings = result.error.issues.map(
    (issue): Finding => ({
      rule: "declaration",
      path: [component, issue.path.map(String).join(".")].filter(Boolean).join(": "),
      severity: "error",
      reason: issue.message,
      remediation: "Correct the property; the type of the component's arguments says what it takes.",
    }),
  );
  return { findings };
}
