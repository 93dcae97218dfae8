import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Declaration } from "../../components/declaration.ts";
import type { Finding } from "../../components/rules/finding.ts";

const fault: Finding = {
  rule: "reachable",
  path: "kubernetes: context",
  severity: "error",
  reason: "does not answer",
  remediation: "Start it.",
};

/** What a promise has come to, by now. */
function watch(promise: Promise<unknown>) {
  const seen = { settled: false };
  void promise.then(() => {
    seen.settled = true;
  });
  return seen;
}

/** An answer that a test gives when it likes. */
function question<Answer>() {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  return { promise, answer: resolve, fail: reject };
}

const turns = async (count = 8) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("declarations on several targets", () => {
  let Fresh: typeof Declaration;
  const thrown: unknown[] = [];
  let listeners: NodeJS.UncaughtExceptionListener[] = [];

  // What refuses a program refuses all of its targets, so each test has a program of its own; and it is thrown from the
  // event loop, where Pulumi takes it.
  beforeEach(async () => {
    vi.resetModules();
    ({ Declaration: Fresh } = await import("../../components/declaration.ts"));
    listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
  });
  afterEach(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
    thrown.length = 0;
  });

  test("are registered once nothing is wrong", async () => {
    const [one, other] = [new Fresh(), new Fresh()];
    await Promise.all([one.settled, other.settled]);
    expect(thrown).toEqual([]);
  });

  test.each(["first", "second"])("wait for what is asked for one of them, the %s", async (which) => {
    const [one, other] = [new Fresh(), new Fresh()];
    const asked = question<Finding[]>();
    const seen = [watch(one.settled), watch(other.settled)];
    (which === "first" ? one : other).require(() => asked.promise);
    await turns();
    expect(seen).toEqual([{ settled: false }, { settled: false }]);
    asked.answer([]);
    await turns();
    expect(seen).toEqual([{ settled: true }, { settled: true }]);
  });

  test("are not registered when what was asked for one of them refuses it", async () => {
    const [one, other] = [new Fresh(), new Fresh()];
    const seen = [watch(one.settled), watch(other.settled)];
    other.require(async () => [fault]);
    await turns();
    expect(seen).toEqual([{ settled: false }, { settled: false }]);
    expect(String(thrown)).toContain("kubernetes: context");
  });

  test("ask nobody when the program's own declarations don't hold", async () => {
    const declaration = new Fresh();
    const ask = vi.fn(async () => []);
    declaration.require(ask);
    declaration.report([fault]);
    await turns();
    expect(ask).not.toHaveBeenCalled();
    expect(thrown).toHaveLength(1);
  });

  test("wait for what the program reads, and are judged with what it declares then", async () => {
    const declaration = new Fresh();
    const reading = question<string>();
    const seen = watch(declaration.settled);
    const program = Fresh.during(reading.promise).then(() => declaration.report([fault]));
    await turns();
    expect(seen.settled).toBe(false);
    reading.answer("read");
    await program;
    await turns();
    expect(seen.settled).toBe(false);
    expect(thrown).toHaveLength(1);
  });

  test("go on after a reading", async () => {
    const declaration = new Fresh();
    const reading = question<string>();
    const seen = watch(declaration.settled);
    const program = Fresh.during(reading.promise);
    reading.answer("read");
    expect(await program).toBe("read");
    await turns();
    expect(seen.settled).toBe(true);
  });

  test("are not registered after a reading that failed", async () => {
    const declaration = new Fresh();
    const reading = question<string>();
    const seen = watch(declaration.settled);
    const program = Fresh.during(reading.promise);
    reading.fail(new Error("no such stack"));
    await expect(program).rejects.toThrow("no such stack");
    await turns();
    expect(seen.settled).toBe(false);
  });
});
