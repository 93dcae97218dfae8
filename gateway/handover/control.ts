import type { ChildProcess } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { listenAt } from "../bridge/address.ts";
import { readBody, sendJson } from "../http/body.ts";
import { startSuccessor, successorSchema } from "./successor.ts";

/** Where a gateway is told of its successor. */
export const SUCCESSOR_PATH = "/successor";

const MAX_ORDER_BYTES = 4_194_304;
/** A little more than a gateway takes to end politely. */
const KILL_AFTER_MS = 12_000;

/** A gateway that can be replaced. */
export interface Replaceable {
  server: Server;
  listen: { host: string; port: number };
  /** Whether it was told to end. */
  ending(): boolean;
}

/**
 * Opens a gateway's second door, for who runs it: a Unix socket that only its own user can open. There it answers as it
 * does on its port (so that this very process can be asked, when two share the port), and takes the order to start its
 * successor.
 *
 * The answer to that order is a line with the successor's pid, and a last one when it has ended. While the answer is
 * open, the successor is on trial: when who gave the order leaves before this gateway is told to end, the successor is
 * ended. So a run that is interrupted leaves things as they were.
 */
export async function openControl(path: string, gateway: Replaceable): Promise<Server> {
  const control = createServer((request, response) => {
    if (request.method !== "POST" || request.url !== SUCCESSOR_PATH) {
      gateway.server.emit("request", request, response);
      return;
    }
    takeOrder(request, response, gateway).catch((error: Error) => {
      if (response.headersSent) response.end();
      else sendJson(response, 400, { error: error.message });
    });
  });
  await listenAt(control, { socket: path });
  return control;
}

async function takeOrder(request: IncomingMessage, response: ServerResponse, gateway: Replaceable) {
  const order = successorSchema.parse(JSON.parse((await readBody(request, MAX_ORDER_BYTES)) ?? ""));
  const samePort = order.listen.port === gateway.listen.port;
  const sameAddress = samePort && order.listen.host === gateway.listen.host;
  if (gateway.ending() || (samePort && !sameAddress)) {
    return sendJson(response, 409, { error: "only after this gateway has ended" });
  }
  const child = startSuccessor(order, sameAddress ? gateway.server : undefined);
  const last = (line: unknown) => {
    if (!response.writableEnded) response.end(`${JSON.stringify(line)}\n`);
  };
  child.once("spawn", () => response.write(`${JSON.stringify({ pid: child.pid })}\n`));
  child.once("error", ({ message }) => last({ error: message }));
  child.once("exit", (code, signal) => last({ code, signal }));
  response.writeHead(200, { "content-type": "application/jsonl" });
  response.once("close", () => {
    if (!gateway.ending()) dismiss(child);
  });
}

function dismiss(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const byForce = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS).unref();
  child.once("exit", () => clearTimeout(byForce));
}
