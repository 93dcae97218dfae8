import { programOf, type ServerModel } from "../model/server.ts";

/** A count with its noun: `1 replica`, `2 replicas`. */
export function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const units = [
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** Milliseconds for people, in the largest unit that needs no fraction: `10 s`, `800 ms`. */
export function prettyDuration(milliseconds: number): string {
  for (const [unit, size] of units)
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size} ${unit}`;
  return `${milliseconds} ms`;
}

/** How a server is reached, in a word or two. */
export function transportOf(server: ServerModel): string {
  if (server.remote) return "remote HTTP";
  return server.stdio ? "stdio" : "streamable HTTP";
}

/** Where a digest is more than a reader takes in, its beginning will do. */
const shortDigest = (image: string) => image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1…");

/** What runs, without anything that could be a credential: no arguments, of a URL only its host. */
export function artifactOf(server: ServerModel): string {
  if (server.remote) return new URL(server.remote.url).host;
  const program = programOf(server);
  const image = program?.image === undefined ? undefined : shortDigest(program.image);
  return program?.package ?? image ?? program?.command ?? "";
}
