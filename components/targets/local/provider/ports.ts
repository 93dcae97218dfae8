import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/** Who has a port: a process, or somebody this user can't look at. */
export interface PortHolder {
  readonly pid?: number;
  readonly program?: string;
}

let lastQuestion: Promise<unknown> = Promise.resolve();

/** Who holds a port of loopback; `undefined` when it is free. */
export function portHolder(port: number, host = "127.0.0.1"): Promise<PortHolder | undefined> {
  // One after the other: to ask means to listen for a moment, and two that ask at once would find each other.
  const answer = lastQuestion.then(() => findHolder(port, host));
  lastQuestion = answer.catch(() => undefined);
  return answer;
}

async function findHolder(port: number, host: string): Promise<PortHolder | undefined> {
  if (await canListen(port, host)) return undefined;
  const pid = listenersOn(port).flatMap(({ pids }) => pids)[0];
  return pid === undefined ? {} : { pid, program: programOf(pid) };
}

/** Who holds a port, in words for a message. */
export function holderText(holder: PortHolder): string {
  if (holder.pid === undefined) return "another program";
  return holder.program === undefined ? `pid ${holder.pid}` : `pid ${holder.pid} (${holder.program})`;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      // Ports below 1024 may be forbidden to us and still be free; the start will say so.
      resolve(error.code !== "EADDRINUSE");
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const listenState = "0A";

/** A socket that listens on a port, as far as the system shows it. */
export interface Listener {
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  /** The processes that hold it; those of other users don't show. */
  readonly pids: readonly number[];
}

/** Everything that listens on a port, by whatever address. Only Linux can tell; elsewhere there is nothing. */
export function listenersOn(port: number): Listener[] {
  const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningSockets(table, port));
  if (sockets.length === 0) return [];
  const holders = new Map<string, number[]>(sockets.map(({ link }) => [link, []]));
  for (const entry of entries("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const links = new Set(entries(`/proc/${entry}/fd`).map((fd) => linkOf(`/proc/${entry}/fd/${fd}`)));
    for (const [link, pids] of holders) if (links.has(link)) pids.push(Number(entry));
  }
  return sockets.map(({ address, link }) => ({
    loopback: isLoopbackAddress(address),
    pids: holders.get(link) ?? [],
  }));
}

function listeningSockets(table: string, port: number): { address: string; link: string }[] {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
  return textOf(table)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexadecimal}`) && fields[3] === listenState)
    .map((fields) => ({ address: fields[1]?.split(":")[0] ?? "", link: `socket:[${fields[9]}]` }));
}

// The kernel prints each four bytes of an address as one number: 127.0.0.1 is 0100007F, also behind ::ffff:.
function isLoopbackAddress(address: string): boolean {
  return /^(0{16}FFFF0000)?[0-9A-F]{6}7F$|^0{24}01000000$/.test(address);
}

function programOf(pid: number): string | undefined {
  // The program and its first argument: enough to recognise it, and no secret is usually that early.
  const [program, script] = textOf(`/proc/${pid}/cmdline`).split("\0");
  if (!program) return undefined;
  return script && !script.startsWith("-") ? `${program} ${script}` : program;
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
