import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { listenAt } from "../bridge/address.ts";
import { sendJson } from "../http/body.ts";
import { startSuccessor, successorSchema } from "./successor.ts";

/** Where a gateway is told of its successor. */
export const SUCCESSOR_PATH = "/successor";

/** A little more than a gateway takes to end politely. */
const KILL_AFTER_MS = 12_000;

/** A gateway that can be replaced. */
export interface Replaceable {
  server: Server;
  listen: { host: string; port: number };
  /** Answers what is under way, and ends. */
  end(): void;
}

/**
 * Opens a gateway's second door, for who runs it: a Unix socket that only its own user can open. There it answers as it
 * does on its port (so that this very process can be asked, when two share the port), and takes the order to start its
 * successor.
 *
 * That order is a line, and the answer a line with the successor's pid, and a last one when it has ended. While the
 * request is open, the successor is on trial. When it is brought to its end, this gateway has to end; when it breaks off,
 * the successor has. So a run that is interrupted leaves one of them, at whatever moment.
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
  control.requestTimeout = 0;
  await listenAt(control, { socket: path });
  return control;
}

async function takeOrder(request: IncomingMessage, response: ServerResponse, gateway: Replaceable) {
  const order = successorSchema.parse(JSON.parse(await firstLine(request)));
  const samePort = order.listen.port === gateway.listen.port;
  const sameAddress = samePort && order.listen.host === gateway.listen.host;
  if (samePort && !sameAddress) {
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
  request.once("end", () => gateway.end());
  request.once("close", () => {
    if (!request.complete) dismiss(child);
  });
}

async function firstLine(request: IncomingMessage): Promise<string> {
  // That it breaks off is told by its end; unheard, it would be the end of this process.
  const lines = createInterface(request.on("error", () => {})).on("error", () => {});
  const [line] = await once(lines, "line");
  return line;
}

function dismiss(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const byForce = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS).unref();
  child.once("exit", () => clearTimeout(byForce));
}
