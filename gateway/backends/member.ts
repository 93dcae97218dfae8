import type { GatewayConfig } from "../config.ts";
import type { Health } from "../health.ts";
import type { Logger } from "../logging.ts";
import type { Metrics } from "../metrics.ts";
import type { Negotiated } from "../protocol/endpoint.ts";
import { type JsonObject, RpcError } from "../protocol/messages.ts";
import type { Upstream, UpstreamOptions } from "../upstream.ts";
import { Breaker, type BreakerState } from "./breaker.ts";
import type { Candidate, Condition } from "./choice.ts";
import { Concurrency } from "./concurrency.ts";
import { isFailure } from "./failure.ts";
import { Movable } from "./movable.ts";
import { Rejection } from "./rejection.ts";

/** What backends work with. */
export interface BackendParts {
  health: Health;
  metrics: Metrics;
  logger: Logger;
}

/** One request, and by when it has to be answered. */
export interface Call {
  method: string;
  params: JsonObject;
  options: UpstreamOptions;
  /** As `performance.now()` tells the time. */
  deadline: number;
}

/** Without an answer for so long, in milliseconds, a server that has calls is asked how it is. */
const SILENCE_MS = 1000;

/** One that has come back is tried gently until so many calls at once have passed. */
const WARM = 32;

/** One server with its protections: a bound of calls at once, and a circuit breaker. */
export class Member implements Candidate {
  readonly name: string;
  /** The requests at it that another member may serve instead. */
  readonly movable: Movable;
  readonly #upstream: Upstream;
  readonly #parts: BackendParts;
  readonly #breaker: Breaker | undefined;
  readonly #concurrency: Concurrency | undefined;
  readonly #inFlight = { count: 0, lastSign: 0 };
  #warmth = Number.POSITIVE_INFINITY;

  constructor(server: GatewayConfig["servers"][number], upstream: Upstream, parts: BackendParts) {
    const { circuitBreaker, concurrency } = server.resilience;
    this.name = server.name;
    this.movable = new Movable(this.name);
    this.#upstream = upstream;
    this.#parts = parts;
    const onWaited = (ms: number) => parts.metrics.queued(this.name, ms / 1000);
    this.#concurrency = concurrency && new Concurrency({ server: this.name, ...concurrency, onWaited });
    const onChange = (state: BreakerState) => this.#onBreaker(state);
    this.#breaker = circuitBreaker && new Breaker({ server: this.name, ...circuitBreaker, onChange });
    if (this.#breaker) parts.metrics.breaker(this.name, "closed");
  }

  /** How many requests are with the server. */
  get inFlight(): number {
    return this.#inFlight.count;
  }

  get condition(): Condition {
    if (this.#breaker?.passes === false) return "barred";
    if (!this.#parts.health.isUp(this.name)) return "down";
    const hasRoom = this.#concurrency?.hasRoom ?? true;
    return hasRoom && this.inFlight < this.#warmth ? "ready" : "busy";
  }

  get breaker(): BreakerState | undefined {
    return this.#breaker?.state;
  }

  /** Whether it has requests, and has answered none for a while. */
  get isSilent(): boolean {
    return this.inFlight > 0 && performance.now() - this.#inFlight.lastSign > SILENCE_MS;
  }

  /** Whether to wait for it while it refuses connections. */
  waitIf(patient: () => boolean): void {
    this.#upstream.waitIf(patient);
  }

  /** Notes what a check of it found. */
  checked(isUp: boolean, changed: boolean): void {
    if (!isUp) return;
    if (changed) this.#warmth = 1;
    this.#breaker?.foundWell(changed);
  }

  /** What the server says of itself. Throws UpstreamError. */
  async describe(options: UpstreamOptions, deadline: number): Promise<Negotiated> {
    try {
      return await this.#upstream.describe({ ...options, timeoutMs: millisecondsUntil(deadline) });
    } catch (error) {
      if (isFailure(error)) this.#failed();
      throw error;
    }
  }

  /**
   * Makes the call, unless the protections forbid it.
   *
   * @throws what {@link Backend.request} throws.
   */
  async request(call: Call): Promise<JsonObject> {
    try {
      if (!this.#concurrency) return await this.#guarded(call);
      return await this.#concurrency.run(() => this.#guarded(call), call.options.signal);
    } catch (error) {
      if (error instanceof Rejection) this.#parts.metrics.rejected(this.name, error.reason);
      throw error;
    }
  }

  #guarded(call: Call): Promise<JsonObject> {
    return this.#breaker ? this.#breaker.run(() => this.#ask(call)) : this.#ask(call);
  }

  async #ask({ method, params, options, deadline }: Call): Promise<JsonObject> {
    if (this.#inFlight.count++ === 0) this.#sign();
    this.#parts.metrics.inFlight(this.name, 1);
    try {
      const timeoutMs = millisecondsUntil(deadline);
      const result = await this.#upstream.request(method, params, { ...options, timeoutMs });
      this.#sign();
      if (this.#warmth <= WARM) this.#warmth++;
      else this.#warmth = Number.POSITIVE_INFINITY;
      return result;
    } catch (error) {
      if (error instanceof RpcError) this.#sign();
      else if (isFailure(error)) this.#failed();
      throw error;
    } finally {
      this.#inFlight.count--;
      this.#parts.metrics.inFlight(this.name, -1);
    }
  }

  #failed(): void {
    if (this.#warmth <= WARM) this.#warmth = 1;
    void this.#parts.health.check(this.name);
  }

  #sign(): void {
    this.#inFlight.lastSign = performance.now();
  }

  #onBreaker(state: BreakerState): void {
    this.#parts.metrics.breaker(this.name, state);
    if (state === "closed") this.#warmth = 1;
    const level = state === "open" ? "warn" : state === "closed" ? "info" : "debug";
    this.#parts.logger[level]({ server: this.name, breaker: state }, "circuit breaker");
  }
}

function millisecondsUntil(deadline: number): number {
  return Math.max(1, Math.ceil(deadline - performance.now()));
}
