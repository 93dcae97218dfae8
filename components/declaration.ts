import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { faultsOf } from "./model/faults.ts";
import { noteRefusal } from "./refusal.ts";
import { describe, distinct, type Finding } from "./rules/finding.ts";

/**
 * What one program declares on one target, and what is wrong with it. Components report their findings here
 * instead of throwing one by one, and register nothing before {@link Declaration.settled}: so a program's
 * faults come all at once, and none of its resources has changed by then.
 */
export class Declaration {
  /** What one target refuses, the program registers on no other either: Pulumi lets it go on for a while. */
  static #refused = false;
  /** What is asked or read just now, for whichever target: nothing is registered anywhere before it has answered. */
  static readonly #running = new Set<Promise<unknown>>();
  #findings: Finding[] = [];
  #refusals: string[] = [];
  readonly #warned = new Set<Finding>();
  #checks: (() => Promise<readonly Finding[]>)[] = [];
  #settled: Promise<void> | undefined;

  /**
   * Waits for something that a program reads before it declares on, such as another stack's outputs. What it declared
   * before is not registered as long, and never when the reading fails.
   */
  static async during<Value>(reading: Promise<Value>): Promise<Value> {
    Declaration.#running.add(reading);
    try {
      return await reading;
    } catch (error) {
      Declaration.#refused = true;
      throw error;
    } finally {
      Declaration.#running.delete(reading);
    }
  }

  /** Everything reported so far, each finding once. */
  get findings(): readonly Finding[] {
    return distinct(this.#findings);
  }

  /** Adds findings; those of severity `error` refuse the program. */
  report(findings: readonly Finding[]): void {
    this.#findings.push(...findings);
    this.#judged();
  }

  /** Reports a property that is not what it has to be. */
  fault(path: string, reason: string, remediation: string): void {
    this.report([{ rule: "declaration", path, severity: "error", reason, remediation }]);
  }

  /** Refuses the program with a text of its own, such as a checklist that is not complete. */
  refuse(text: string): void {
    this.#refusals.push(text);
    this.#judged();
  }

  /**
   * Adds a check that has to ask somebody, such as a cluster. It is made once the program's own declarations hold, and
   * before anything is registered.
   */
  require(check: () => Promise<readonly Finding[]>): void {
    this.#checks.push(check);
    this.#judged();
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

  /**
   * Options of a resource that is registered only when the declaration holds, and so are all that have it as parent.
   * The wait is for nothing that stands in the state, and leaves inputs as they are: in a preview all that is plain
   * stays known.
   */
  held<Options extends pulumi.ResourceOptions>(options?: Options): Options {
    const dependsOn = this.settled.then<pulumi.Resource[]>(() => []);
    return pulumi.mergeOptions(options, { dependsOn }) as Options;
  }

  /**
   * Resolves when the program has run to its last synchronous statement and nothing of what it declared is
   * refused; otherwise never, and the program ends with one error that says everything that is.
   */
  get settled(): Promise<void> {
    return this.#judged();
  }

  /** Resolves once nothing is asked or read any more, and every target's declarations of this turn are judged. */
  static async #quiet(): Promise<void> {
    do {
      await Promise.allSettled(Declaration.#running);
      // A turn for the program, which goes on with what it has read, and one to judge what it declares then.
      await turn();
      await turn();
    } while (Declaration.#running.size > 0);
  }

  #judged(): Promise<void> {
    this.#settled ??= new Promise((resolve) =>
      setImmediate(() => {
        // Declarations that follow an `await` in the program are judged in a turn of their own.
        this.#settled = undefined;
        this.#refuseFaults();
        void Declaration.during(this.#made(this.#checks.splice(0)))
          .then(() => Declaration.#quiet())
          .then(() => {
            if (Declaration.#refused) return;
            this.#warn();
            resolve();
          });
      }),
    );
    return this.#settled;
  }

  /** Makes checks, and judges what they have found. */
  async #made(checks: readonly (() => Promise<readonly Finding[]>)[]): Promise<void> {
    const found = await Promise.all(checks.map((check) => check()));
    this.#findings.push(...found.flat());
    await new Promise<void>((resolve) =>
      setImmediate(() => {
        resolve();
        this.#refuseFaults();
      }),
    );
  }

  /** Shows what doesn't refuse the program, once. */
  #warn(): void {
    const warnings = this.findings.filter(
      (finding) => finding.severity === "warning" && !this.#warned.has(finding),
    );
    for (const finding of warnings) this.#warned.add(finding);
    if (warnings.length > 0) void pulumi.log.warn(describe(warnings));
  }

  /**
   * Called from the event loop alone: thrown there, a RunError ends the program and prints as it is. A rejection would
   * arrive with the name of every property that waited for it in front.
   */
  #refuseFaults(): void {
    const errors = this.findings.filter(({ severity }) => severity === "error");
    const refusals = [...(errors.length > 0 ? [describe(errors)] : []), ...this.#refusals];
    if (refusals.length === 0) return;
    Declaration.#refused = true;
    noteRefusal({ findings: errors, texts: this.#refusals });
    const error = new pulumi.RunError(`the declaration is refused\n${refusals.join("\n\n")}`);
    // Once a program has run to its end, as one may have that awaits no output, Pulumi shows the stack of any error.
    delete error.stack;
    throw error;
  }
}

/** Resolves in the next turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Reads a component's arguments by its schema: the model, or a finding for each property that doesn't fit. */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  component: string,
  input: unknown,
): { model?: z.output<Schema>; findings: Finding[] } {
  const result = schema.safeParse(input);
  if (result.success) return { model: result.data, findings: [] };
  const findings = faultsOf(schema, result.error.issues, input).map(
    ({ path, reason }): Finding => ({
      rule: "declaration",
      path: [component, path].filter(Boolean).join(": "),
      severity: "error",
      reason,
      remediation: "Correct the property; the doc comments of the component's arguments say what it takes.",
    }),
  );
  return { findings };
}
