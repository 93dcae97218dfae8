import type { HttpResponse } from "./exchange.ts";

/** The endpoint answered HTTP, but not MCP: a status, or a body of another kind. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly status: number;
  /** The `Retry-After` header, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The failure that an HTTP answer is. Short, since its server chose these words, and they stand in logs and in `/health`. */
export function failureOf(response: HttpResponse): HttpFailure {
  const type = mediaTypeOf(response);
  const location = headerOf(response, "location");
  const detail = location ? `, a redirect to ${new URL(location, "http://x").pathname}` : "";
  const message = `HTTP ${response.status}${type && ` ${type}`}${detail}`.slice(0, 100);
  return new HttpFailure(response.status, message, retryAfter(headerOf(response, "retry-after")));
}

/** The first value of a header. */
export function headerOf(response: HttpResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The media type of an answer, without parameters; empty when it names none. */
export function mediaTypeOf(response: HttpResponse): string {
  return (headerOf(response, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
