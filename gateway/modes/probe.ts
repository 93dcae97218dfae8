import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { listenAt, parseListen } from "../bridge/address.ts";
import { CommandLineError, EXIT, milliseconds } from "../command-line.ts";
import { type ProbeResult, probe } from "../probe.ts";

/** How long an answer stands, in milliseconds: several probes that fall together ask the server once. */
const FRESH_MS = 1000;

/**
 * Answers a kubelet's probes for a server that only speaks MCP: `GET /live` and `GET /ready` are 200 while the server
 * answers the handshake, and 503 with the reason when it does not. It imports nothing but Node: it runs beside every
 * such server.
 */
export async function probeMode(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      listen: { type: "string" },
      url: { type: "string" },
      timeout: { type: "string", default: "3000" },
    },
  });
  if (!values.listen || !values.url)
    throw new CommandLineError("probe needs --listen HOST:PORT and --url URL");
  if (!URL.canParse(values.url)) throw new CommandLineError(`--url ${values.url}: is no URL`);
  const timeoutMs = milliseconds("--timeout", values.timeout);
  const ask = oneAtATime(values.url, timeoutMs);
  const server = createServer(async (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    const reads = request.method === "GET" || request.method === "HEAD";
    const known = reads && (path === "/live" || path === "/ready");
    const found = known ? await ask() : { ok: false, reason: "the paths are /live and /ready" };
    response.writeHead(known ? (found.ok ? 200 : 503) : 404, {
      "content-type": "application/json",
      "cache-control": "no-store",
    });
    response.end(`${JSON.stringify(found)}\n`);
  });
  const address = parseListen(values.listen);
  const port = await listenAt(server, address).catch((error: Error) => {
    throw new CommandLineError(error.message, EXIT.failure);
  });
  process.stdout.write(`${JSON.stringify({ msg: "listening", probe: values.url, ...address, port })}\n`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => process.exit(0));
}

/** Never more than one question at a time, and an answer for all who ask within a second of it. */
function oneAtATime(url: string, timeoutMs: number): () => Promise<ProbeResult> {
  let asked: Promise<ProbeResult> | undefined;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let open = false;
  return () => {
    if (asked && (open || performance.now() - answeredAt < FRESH_MS)) return asked;
    open = true;
    asked = probe({ url, timeoutMs }).finally(() => {
      open = false;
      answeredAt = performance.now();
    });
    return asked;
  };
}
