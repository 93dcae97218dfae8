import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

/** Who has a port: a process, or somebody this user can't look at. */
export interface PortHolder {
  readonly pid?: number;
  readonly program?: string;
}

/** Who holds a port of loopback; `undefined` when it is free. */
export async function portHolder(port: number, host = "127.0.0.1"): Promise<PortHolder | undefined> {
  if (await canListen(port, host)) return undefined;
  const pid = listeningProcess(port);
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

function listeningProcess(port: number): number | undefined {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listeningInodes(table, port)),
  );
  if (inodes.size === 0) return undefined;
  for (const entry of entries("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const held = entries(`/proc/${entry}/fd`).some((descriptor) =>
      inodes.has(linkOf(`/proc/${entry}/fd/${descriptor}`)),
    );
    if (held) return Number(entry);
  }
  return undefined;
}

function listeningInodes(table: string, port: number): string[] {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
  return textOf(table)
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hexadecimal}`) && fields[3] === listenState)
    .map((fields) => `socket:[${fields[9]}]`);
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
