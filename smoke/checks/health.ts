import { z } from "zod";
import { serverOf } from "../callers.ts";
import { failureFrom, RequestFailure } from "../failure.ts";
import { quote } from "../redact.ts";
import { eras } from "../session.ts";
import { bounded, faultCode, seenIn } from "../traffic.ts";
import { requireReached, type Trial } from "../trial.ts";
import { type Check, count, failed, type Outcome, passed, some } from "./check.ts";

/** What `GET /health` of a gateway says; more may stand there. */
const healthSchema = z.object({
  servers: z.record(
    z.string(),
    z.object({
      status: z.enum(["up", "down"]),
      reason: z.string().optional(),
      tools: z.union([z.number(), z.array(z.unknown())]).optional(),
      missing: z.array(z.string()).optional(),
    }),
  ),
});

type Health = z.output<typeof healthSchema>["servers"];

/**
 * Each server answers for itself. A probe of the gateway alone stays green for days while a server behind it
 * is down.
 */
export function healthChecks(trial: Trial): Check[] {
  let health: Promise<Health> | undefined;
  return trial.model.servers.map(({ name }) => ({
    subject: `server ${name}`,
    check: "is up behind the gateway",
    run: async () => {
      requireReached(trial);
      health ??= waitForHealth(trial);
      return judge(await health, name);
    },
  }));
}

function judge(health: Health, server: string): Outcome {
  const found = Object.hasOwn(health, server) ? health[server] : undefined;
  if (!found) {
    return failed("the gateway's /health does not name it: the gateway runs with another configuration");
  }
  const reason = found.reason ? quote(found.reason, 200) : "no reason is given";
  if (found.status === "down") return failed(`down: ${reason}`);
  if (found.missing?.length) return failed(`up, but lacks tools that are declared: ${some(found.missing)}`);
  if (found.reason) return failed(`up, but ${reason}`);
  const tools = Array.isArray(found.tools) ? found.tools.length : found.tools;
  return passed(tools === undefined ? "up" : `up with ${count(tools, "tool")}`);
}

class StillDown extends Error {
  readonly health: Health;

  constructor(health: Health) {
    super("a server is not well");
    this.health = health;
  }
}

/** The gateway's health once every server is up, else what it says when the time for warming up is over. */
async function waitForHealth(trial: Trial): Promise<Health> {
  const names = trial.model.servers.map(({ name }) => name);
  const attempt = async (limit: number) => {
    const health = await askHealth(trial, limit);
    // A server that is not named at all won't be so by waiting.
    if (names.some((name) => Object.hasOwn(health, name) && !judge(health, name).passed))
      throw new StillDown(health);
    return health;
  };
  return trial.deadline
    .whileWarmingUp(attempt, (error) => !(error instanceof RequestFailure) || error.transient)
    .catch((error: unknown) => {
      if (error instanceof StillDown) return error.health;
      throw error;
    });
}

async function askHealth({ endpoint, deadline }: Trial, limit: number): Promise<Health> {
  const signal = AbortSignal.any([deadline.signal, AbortSignal.timeout(limit)]);
  try {
    // Not ready is often said with 503 and the same body, so the status is no verdict here.
    const response = bounded(
      await fetch(new URL("/health", endpoint.origin), { signal, redirect: "manual" }),
    );
    const text = await response.text();
    const parsed = healthSchema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data.servers;
    const { status, type } = seenIn(response);
    throw new RequestFailure(
      `the gateway's /health tells nothing of its servers (HTTP ${status}${type ? `, ${type}` : ""})`,
      { status, transient: (status ?? 0) >= 500 },
    );
  } catch (error) {
    deadline.signal.throwIfAborted();
    if (error instanceof RequestFailure) throw error;
    if (signal.aborted)
      throw new RequestFailure("the gateway's /health gives no answer in time", { transient: true });
    const failure = failureFrom({ fault: faultCode(error) });
    throw new RequestFailure(`the gateway's /health: ${failure.message}`, failure);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A server's tools arrive at those who use it: up is not enough if nothing of it gets through the gateway. */
export function arrivalChecks(trial: Trial): Check[] {
  return trial.model.servers.flatMap(({ name }) => {
    const users = trial.callers.filter(({ uses }) =>
      uses.some((use) => "tool" in use && use.server === name),
    );
    if (users.length === 0) return [];
    const run = async (): Promise<Outcome> => {
      requireReached(trial);
      let reason: unknown;
      for (const user of users) {
        for (const era of eras) {
          try {
            const { names } = await trial.list(user, era, "tools");
            if (names.some((tool) => serverOf(tool) === name)) return passed(`seen by ${user.name}`);
          } catch (error) {
            reason = error;
          }
        }
      }
      if (reason) throw reason;
      return failed(`no tool of it is seen by ${some(users.map((user) => user.name))}`);
    };
    return [{ subject: `server ${name}`, check: "its tools reach who uses it", run }];
  });
}
