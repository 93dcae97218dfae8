import type { IntegrationModel } from "../components/model/integration.ts";
import { authenticationChecks } from "./checks/authentication.ts";
import { catalogueChecks } from "./checks/catalogue.ts";
import { type Check, failed, type Outcome } from "./checks/check.ts";
import { exampleChecks } from "./checks/examples.ts";
import { arrivalChecks, healthChecks } from "./checks/health.ts";
import { latencyChecks } from "./checks/latency.ts";
import { lockChecks } from "./checks/lock.ts";
import { reachChecks } from "./checks/reach.ts";
import { refusalChecks } from "./checks/refusal.ts";
import { tokenChecks } from "./checks/tokens.ts";
import type { ClientCredentials } from "./credentials.ts";
import { Deadline, inWords, NotChecked } from "./deadline.ts";
import { RequestFailure } from "./failure.ts";
import { oneLine } from "./redact.ts";
import type { SmokeCheck, SmokeReport } from "./report.ts";
import { eras } from "./session.ts";
import { Trial } from "./trial.ts";

/** What is tested, and by what means. */
export interface SmokeTestOptions {
  /** The resolved model, of scope `gateway` at least. */
  model: IntegrationModel;
  /** URL of the gateway's MCP endpoint. Its `/health` is looked for at the same origin. */
  endpoint: string;
  /** Bearer token of each consumer, by its name; empty where the gateway asks for none. */
  tokens: Readonly<Record<string, string>>;
  /** How to come by the token of each consumer that has none there. Default: not at all. */
  credentials?: Readonly<Record<string, ClientCredentials>>;
  /**
   * Longest time for the whole test, in milliseconds. Up to half of it may go by with waiting for servers
   * that still start.
   */
  deadlineMs: number;
}

/** Consumers that are tried at the same time. More would measure their crowd rather than the gateway. */
const LANES = 4;

/** Checks in the order they are made: phases one after the other, the lanes of one at the same time. */
type Plan = Check[][][];

/**
 * Tries a running integration as its consumers would: with their tokens, their tools and their example
 * calls, in both eras of the protocol. Always gives a report, within the deadline; never throws because of
 * what it meets. A check that the deadline cut off is in the report as failed.
 *
 * Example calls are made once in each era, so twice in all: give examples that may be called.
 */
export async function runSmokeTest(options: SmokeTestOptions): Promise<SmokeReport> {
  const startedAt = new Date().toISOString();
  const deadline = new Deadline(options.deadlineMs);
  const credentials = options.credentials ?? {};
  const endpoint = endpointOf(options.endpoint);
  try {
    const trial = new Trial(
      options.model,
      endpoint ?? new URL("http://invalid.invalid/"),
      deadline,
      options.tokens,
    );
    const plan = endpoint ? planOf(trial, credentials) : invalidEndpoint();
    const made = await make(plan, deadline);
    const conceal = concealer([
      ...trial.callers.flatMap(({ token }) => token ?? []),
      ...Object.values(credentials).map(({ clientSecret }) => clientSecret),
    ]);
    const checks = made.map((each) => ({ ...each, detail: conceal(each.detail) }));
    const finishedAt = new Date().toISOString();
    await settleWithin(trial.close(), 1_000);
    return {
      passed: checks.length > 0 && checks.every((check) => check.passed),
      startedAt,
      finishedAt,
      endpoint: endpoint?.href ?? "(no valid URL)",
      checks,
    };
  } finally {
    deadline.end();
  }
}

function planOf(trial: Trial, credentials: Readonly<Record<string, ClientCredentials>>): Plan {
  const gateway = `gateway ${trial.model.gateway?.name ?? trial.model.name}`;
  const consumers = trial.callers.flatMap((caller) =>
    eras.map((era) => [
      ...catalogueChecks(trial, caller, era),
      ...exampleChecks(trial, caller, era),
      ...refusalChecks(trial, caller, era),
    ]),
  );
  const locks = trial.callers.map((caller) => lockChecks(trial, caller));
  return [
    tokenChecks(trial, credentials).map((check) => [check]),
    reachChecks(trial, gateway).map((check) => [check]),
    [authenticationChecks(trial, gateway), healthChecks(trial)],
    [...locks, ...consumers],
    [arrivalChecks(trial)],
    [latencyChecks(trial, gateway)],
  ];
}

function invalidEndpoint(): Plan {
  const run = async () =>
    failed("is no http or https URL; give the gateway's endpoint, such as http://127.0.0.1:7400/mcp");
  return [[[{ subject: "endpoint", check: "is a URL", run }]]];
}

async function make(plan: Plan, deadline: Deadline): Promise<SmokeCheck[]> {
  const made = new Map<Check, SmokeCheck>();
  for (const lanes of plan) {
    const waiting = [...lanes];
    const worker = async () => {
      for (let lane = waiting.shift(); lane; lane = waiting.shift()) {
        for (const check of lane) made.set(check, await makeOne(check, deadline));
      }
    };
    await Promise.all(Array.from({ length: LANES }, worker));
  }
  return plan.flat(2).flatMap((check) => made.get(check) ?? []);
}

async function makeOne({ subject, check, run }: Check, deadline: Deadline): Promise<SmokeCheck> {
  const whole = inWords(deadline.milliseconds);
  if (deadline.struck) {
    return { subject, check, passed: false, detail: `not checked: the deadline of ${whole} was over before` };
  }
  const begun = performance.now();
  const outcome = await deadline.race(Promise.resolve().then(run)).catch((error: unknown): Outcome => {
    if (deadline.struck) return failed(`not finished within the deadline of ${whole}`);
    if (error instanceof NotChecked) return failed(`not checked: ${error.message}`);
    if (error instanceof RequestFailure) return failed(error.message);
    return failed(
      `the smoke test itself failed here: ${error instanceof Error ? error.name : "unknown error"}`,
    );
  });
  const milliseconds = Math.round((performance.now() - begun) * 10) / 10;
  return { subject, check, ...outcome, milliseconds };
}

function endpointOf(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  url.username = url.password = url.search = url.hash = "";
  return url;
}

/** Whatever a detail quotes: no token that we ourselves sent stands in it, and it is one line. */
function concealer(tokens: string[]): (detail: string) => string {
  // Masking a few letters would spoil every word; a token that short is no secret.
  const secrets = tokens.filter((token) => token.length >= 8);
  return (detail) => oneLine(secrets.reduce((text, token) => text.replaceAll(token, "***"), detail));
}

async function settleWithin(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  clearTimeout(timer);
}
