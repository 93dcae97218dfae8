import type { Description, McpService } from "../http/service.ts";
import type { Negotiated } from "../protocol/endpoint.ts";
import { CODE, type JsonObject, RpcError } from "../protocol/messages.ts";
import type { Changes } from "../subscriptions/changes.ts";
import type { StdioServer } from "./child.ts";

/** A server that has answered the handshake. */
export interface Started {
  child: StdioServer;
  negotiated: Negotiated;
}

/** How the bridge serves its one server. */
export interface BridgeServiceOptions {
  /** Name for a server that gives none of its own. */
  name: string;
  /** The server once its handshake is done; requests wait for it. */
  started: Promise<Started>;
  changes: Changes<null>;
  /** Longest time for one request, in milliseconds. */
  requestTimeoutMs: number;
}

/**
 * The one server behind a bridge, as it is: its own name, capabilities and instructions, every request passed on.
 * It asks for no token; who may call is up to the socket's mode, the pod's network and the gateway in front.
 */
export function bridgeService({
  name,
  started,
  changes,
  requestTimeoutMs,
}: BridgeServiceOptions): McpService<null> {
  return {
    authenticate: () => ({ caller: null }),
    changes,
    async describe(): Promise<Description> {
      const { serverInfo, capabilities, instructions } = (await started).negotiated;
      const named = {
        ...serverInfo,
        name: textOr(serverInfo.name, name),
        version: textOr(serverInfo.version, "0"),
      };
      return { serverInfo: named, capabilities: servable(capabilities), instructions };
    },
    async handle({ method, params }, { signal, notify }): Promise<JsonObject> {
      const { child, negotiated } = await started;
      const sent = method === "ping" ? pingOf(negotiated) : method;
      // Not `AbortSignal.timeout`: it would keep every call in memory until its time is over, which may be an hour.
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), requestTimeoutMs);
      try {
        const result = await child.request(sent, params, {
          signal: AbortSignal.any([signal, late.signal]),
          onNotification: notify,
        });
        return sent === method ? result : {};
      } catch (error) {
        if (error instanceof RpcError) throw error;
        if (signal.aborted) throw new RpcError(CODE.unavailable, "Cancelled by the caller");
        throw new RpcError(CODE.timeout, `The server did not answer within ${requestTimeoutMs} ms`);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** What of a server's capabilities can be kept through the bridge: tasks would have to be told apart by caller. */
function servable({ tasks: _tasks, ...capabilities }: JsonObject): JsonObject {
  return capabilities;
}

/**
 * For probes that know only GET, such as a kubelet's: whether the server itself answers, asked in MCP within
 * `deadlineMs` milliseconds.
 */
export async function bridgeHealth(started: Promise<Started>, deadlineMs = 3000) {
  const signal = AbortSignal.timeout(deadlineMs);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const asked = started.then(({ child, negotiated }) => child.request(pingOf(negotiated), {}, { signal }));
  const ok = await Promise.race([asked, late]).then(
    () => true,
    () => false,
  );
  const body = JSON.stringify({ status: ok ? "ok" : "down" });
  return { status: ok ? 200 : 503, type: "application/json", body };
}

/** 2026-07-28 has no ping; who asks for one wants to know whether the server is there. */
function pingOf({ era }: Negotiated): string {
  return era === "modern" ? "server/discover" : "ping";
}

function textOr(value: unknown, other: string): string {
  return typeof value === "string" && value !== "" ? value : other;
}
