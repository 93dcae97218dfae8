import { setTimeout as pause } from "node:timers/promises";
import type { GatewayConfig } from "../config.ts";
import type { Negotiated } from "../protocol/endpoint.ts";
import type { JsonObject } from "../protocol/messages.ts";
import { UpstreamError, type UpstreamOptions } from "../upstream.ts";
import type { Backend } from "./backend.ts";
import { choose, isGood } from "./choice.ts";
import { inTheEnd } from "./failure.ts";
import type { BackendParts, Member } from "./member.ts";
import { Rejection } from "./rejection.ts";
import { mayRepeat } from "./repeatable.ts";
import { type Pauses, Retries } from "./retries.ts";

type Server = GatewayConfig["servers"][number];

/** With less time left than this, in milliseconds, no other member is asked. */
const LEAST_MS = 5;

/** What is wanted of some member. */
interface Errand<Result> {
  signal: AbortSignal | undefined;
  /** As `performance.now()` tells the time. */
  deadline: number;
  /** Whether it may be done twice. */
  mayRepeat: boolean;
  of(member: Member, signal: AbortSignal | undefined): Promise<Result>;
}

/** What has become of a request so far. */
interface Failed {
  /** How many times a server was asked. */
  asked: number;
  failure?: UpstreamError;
}

/**
 * Equivalent servers, or a single one: what callers know by one name. A request that fails goes to the next member at
 * once, and after all of them have had it, it may go round again after a while. All tries share the one deadline. What was
 * sent and may not be repeated is never sent again.
 */
export class Group implements Backend {
  readonly name: string;
  readonly members: readonly Member[];
  readonly mode: "standby" | "balanced";
  readonly #server: Server;
  readonly #parts: BackendParts;
  readonly #perTool: ReadonlyMap<string, Server["perTool"][string]>;
  readonly #retries: Retries;
  #turn = 0;

  /** @param server the one that callers know; its settings for tools, time and retries are the group's. */
  constructor(server: Server, members: readonly Member[], mode: Group["mode"], parts: BackendParts) {
    this.name = server.name;
    this.members = members;
    this.mode = mode;
    this.#server = server;
    this.#parts = parts;
    this.#retries = new Retries(server.resilience.retry);
    this.#perTool = new Map(Object.entries(server.perTool));
    // Where another can serve there is no point in waiting for one that refuses connections.
    for (const member of members) member.waitIf(() => !this.#canSpare(member));
  }

  /** The member that the next request would go to. */
  get serving(): Member | undefined {
    const member = choose(this.members, this.mode, this.#turn);
    return member?.condition === "barred" ? undefined : member;
  }

  /** Notes that a member does not answer: what may be repeated is not left with it. */
  memberDown(member: Member): void {
    if (this.#canSpare(member)) member.movable.takeBack();
  }

  describe(options: UpstreamOptions = {}): Promise<Negotiated> {
    const { signal } = options;
    const deadline = this.#deadline(options, this.#server.timeoutMs);
    const of = (member: Member, signal: AbortSignal | undefined) =>
      member.describe({ ...options, signal }, deadline);
    return this.#run({ signal, deadline, mayRepeat: true, of });
  }

  request(method: string, params: JsonObject, options: UpstreamOptions = {}): Promise<JsonObject> {
    const { signal } = options;
    const tool = method === "tools/call" ? String(params.name) : "";
    const declared = this.#perTool.get(tool);
    const deadline = this.#deadline(options, declared?.timeoutMs ?? this.#server.timeoutMs);
    const says = {
      declared: declared?.repeatable,
      annotated: this.members.map(({ name }) => this.#parts.health.repeatable(name, tool)),
    };
    const of = (member: Member, signal: AbortSignal | undefined) =>
      member.request({ method, params, options: { ...options, signal }, deadline });
    return this.#run({ signal, deadline, mayRepeat: mayRepeat(method, says), of });
  }

  #deadline({ timeoutMs = Number.POSITIVE_INFINITY }: UpstreamOptions, longest: number): number {
    return performance.now() + Math.min(timeoutMs, longest);
  }

  /** Whether another member can do what this one would. */
  #canSpare(member: Member): boolean {
    return this.members.some((other) => other !== member && isGood(other.condition));
  }

  async #run<Result>(errand: Errand<Result>): Promise<Result> {
    this.#retries.earn();
    const failed: Failed = { asked: 0 };
    let pauses: Pauses | undefined;
    for (;;) {
      const result = await this.#round(errand, failed);
      if (result !== undefined) return result;
      const failure = failed.failure as UpstreamError;
      pauses ??= this.#retries.pauses();
      const pauseMs = pauses.next(failure, errand.deadline - performance.now());
      if (pauseMs === undefined) throw inTheEnd(failure, failed.asked, errand.mayRepeat);
      await pause(pauseMs, undefined, { signal: errand.signal }).catch(() => {
        throw new UpstreamError("cancelled", "Cancelled by the caller", failure);
      });
      this.#parts.metrics.retry(this.name);
    }
  }

  /** One member after the other until one gives a result; none when all have failed and more may be done about it. */
  async #round<Result>(errand: Errand<Result>, failed: Failed): Promise<Result | undefined> {
    let left = this.members;
    let meant: Member | undefined;
    for (let member = this.#choose(left); member; member = this.#choose(left)) {
      meant ??= this.mode === "standby" ? this.members[0] : member;
      try {
        const result = await this.#try(errand, member);
        if (member !== meant) this.#parts.metrics.failover(this.name, member.name);
        return result;
      } catch (error) {
        // Answers, and what nobody waits for any more.
        if (!(error instanceof UpstreamError) || errand.signal?.aborted) throw error;
        note(failed, error);
        const isOver = errand.deadline - performance.now() < LEAST_MS;
        if (isOver || (error.sent && !errand.mayRepeat))
          throw inTheEnd(failed.failure ?? error, failed.asked, errand.mayRepeat);
        const asked = member;
        left = left.filter((other) => other !== asked);
      }
    }
    return undefined;
  }

  #choose(members: readonly Member[]): Member | undefined {
    return choose(members, this.mode, this.#turn++);
  }

  #try<Result>({ signal, mayRepeat, of }: Errand<Result>, member: Member): Promise<Result> {
    const isMovable = mayRepeat && this.members.length > 1;
    return isMovable ? member.movable.run(signal, (own) => of(member, own)) : of(member, signal);
  }
}

/** Why one on whom another failure followed was turned away says less than that failure. */
function note(failed: Failed, error: UpstreamError): void {
  const isRejection = error instanceof Rejection;
  if (!isRejection) failed.asked++;
  if (!isRejection || failed.failure === undefined) failed.failure = error;
}
