import type { Description, McpService } from "../http/service.ts";
import type { Negotiated } from "../protocol/endpoint.ts";
import { CODE, type JsonObject, RpcError } from "../protocol/messages.ts";
import { type Ask, KEEPS_SESSIONS } from "../sessions/client.ts";
import { inRounds } from "../sessions/rounds.ts";
import type { Changes } from "../subscriptions/changes.ts";
import { Deadline } from "../upstreams/deadline.ts";
import type { StdioServer } from "./child.ts";
import type { SessionChildren } from "./session-child.ts";

/** How long a session may go unused, in milliseconds. */
const SESSION_IDLE_MS = 600_000;

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
  /** Processes of their own for clients that can be asked something; absent: all share the one, which asks nobody. */
  own?: { children: SessionChildren; max: number };
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
  own,
  requestTimeoutMs,
}: BridgeServiceOptions): McpService<null> {
  return {
    authenticate: () => ({ caller: null }),
    changes,
    ...(own && { sessions: { max: own.max, idleMs: SESSION_IDLE_MS, subject: () => "" } }),
    async describe(): Promise<Description> {
      const { era, serverInfo, capabilities, instructions } = (await started).negotiated;
      const named = {
        ...serverInfo,
        name: textOr(serverInfo.name, name),
        version: textOr(serverInfo.version, "0"),
      };
      return {
        serverInfo: named,
        capabilities: servable(capabilities, own !== undefined && era === "legacy"),
        instructions,
      };
    },
    async handle({ method, params }, { signal, notify, client }): Promise<JsonObject> {
      const { child, negotiated } = await started;
      const sent = method === "ping" ? pingOf(negotiated) : method;
      const process =
        client?.session && negotiated.era === "legacy" ? own?.children.of(client.session) : undefined;
      const deadline = new Deadline(requestTimeoutMs, signal);
      const send = (body: JsonObject | undefined) =>
        process && client
          ? process.request(sent, body, { client, deadline, notify })
          : child.request(sent, body, { signal: deadline.signal, onNotification: notify, client });
      try {
        const ask = client?.ask;
        const patient = ask && ((...question: Parameters<Ask>) => deadline.hold(() => ask(...question)));
        const result = patient
          ? await inRounds<JsonObject | undefined>(params, patient, deadline.signal, send)
          : await send(params);
        return sent === method ? result : {};
      } catch (error) {
        if (error instanceof RpcError) throw error;
        if (signal.aborted) throw new RpcError(CODE.unavailable, "Cancelled by the caller");
        throw new RpcError(CODE.timeout, `The server did not answer within ${requestTimeoutMs} ms`);
      } finally {
        deadline.close();
      }
    },
  };
}

/**
 * What of a server's capabilities can be kept through the bridge: tasks would have to be told apart by caller.
 *
 * @param keepsSessions says so, since it shows in no other way before somebody begins one.
 */
function servable({ tasks: _tasks, ...capabilities }: JsonObject, keepsSessions: boolean): JsonObject {
  if (!keepsSessions) return capabilities;
  return {
    ...capabilities,
    experimental: { ...(capabilities.experimental as JsonObject), [KEEPS_SESSIONS]: {} },
  };
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
