/** What the last POST of a client met; the SDKs' errors don't tell it in a way to rely on. */
export interface Seen {
  /** HTTP status. */
  status?: number;
  /** Media type, lower-case, without parameters. */
  type?: string;
  /** Where a redirect points, without query. */
  location?: string;
  /** Code of what went wrong below HTTP, such as `ECONNREFUSED`. */
  fault?: string;
}

/** A `fetch` for one MCP client, and what it saw. */
export interface Traffic {
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Of the last POST; emptied by whoever begins a request. */
  seen: Seen;
}

/** More than any answer that a smoke test asks for, in bytes: an endless body must not fill the memory. */
const MAX_BODY = 16 * 1024 * 1024;

/** Watches and bounds what a client sends and gets; `signal` ends all of it. */
export function watchTraffic(signal: AbortSignal): Traffic {
  const traffic: Traffic = {
    seen: {},
    fetch: async (url, init) => {
      // The older client's GET stream runs beside its requests and says nothing about them.
      const note = init?.method === "POST";
      try {
        const both = init?.signal ? AbortSignal.any([signal, init.signal]) : signal;
        const response = await fetch(url, { ...init, signal: both });
        if (note) traffic.seen = seenIn(response);
        return bounded(response);
      } catch (error) {
        if (note) traffic.seen = { fault: faultCode(error) };
        throw error;
      }
    },
  };
  return traffic;
}

/** What a response says before its body is read. */
export function seenIn(response: Response): Seen {
  const location = response.headers.get("location")?.split(/[?#]/)[0];
  return {
    status: response.status,
    type: response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase(),
    ...(location && { location }),
  };
}

/** The code of a failed `fetch`, wherever in its causes it stands; empty when there is none. */
export function faultCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  // undici names this one, but mostly gives it no code.
  if (error.name === "HTTPParserError") return "HPE_INVALID";
  if (error instanceof AggregateError && error.errors.length > 0) return faultCode(error.errors[0]);
  return error.cause === undefined ? "" : faultCode(error.cause);
}

/** The same response; reading more than {@link MAX_BODY} of it fails. */
export function bounded(response: Response): Response {
  if (!response.body) return response;
  let bytes = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY) controller.error(new Error("the answer is larger than 16 MiB"));
      else controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counter), { status, statusText, headers });
}
