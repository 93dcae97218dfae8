import { mkdirSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { dirname } from "node:path";
import { CommandLineError } from "../command-line.ts";
import { listening } from "../http/listening.ts";

/** Where a bridge listens. */
export type Address = { socket: string } | { host: string; port: number };

/** An address that can't be had, with what to do about it. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** Longest path of a Unix domain socket (`sun_path`), in bytes: 108 with the final zero on Linux, 104 elsewhere. */
const LONGEST_SOCKET_PATH = process.platform === "linux" ? 107 : 103;

/**
 * Parses `HOST:PORT`; IPv6 addresses stand in brackets.
 *
 * @throws CommandLineError when it is something else.
 */
export function parseListen(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new CommandLineError(`--listen ${text}: expected HOST:PORT, as in 127.0.0.1:8081`);
  return { host: match[1] ?? match[2] ?? "", port };
}

/**
 * Listens. A Unix socket is for this user alone (mode 0600, in a directory that is created with 0700); the socket of
 * a bridge that died is replaced, that of a living one is not.
 *
 * @returns the TCP port, when there is one.
 * @throws AddressError when the address can't be had.
 */
export async function listenAt(server: Server, address: Address): Promise<number | undefined> {
  try {
    if (!("socket" in address)) {
      await listening(server, address);
      return (server.address() as AddressInfo).port;
    }
    await prepareSocket(address.socket);
    return void (await listeningOnSocket(server, () => {
      // The mode must hold from the first moment; listen() binds before it returns.
      const before = process.umask(0o177);
      server.listen(address.socket);
      process.umask(before);
    }));
  } catch (error) {
    if (error instanceof AddressError) throw error;
    const { code = "", message } = error as NodeJS.ErrnoException;
    const where = "socket" in address ? address.socket : `${address.host}:${address.port}`;
    const reasons: Record<string, string> = {
      EADDRINUSE: "is taken; end the program that has it, or choose another",
      EACCES: "may not be opened by this user",
      EADDRNOTAVAIL: "is no address of this machine",
    };
    throw new AddressError(`${where} ${reasons[code] ?? `can't be opened: ${message}`}`);
  }
}

function listeningOnSocket(server: Server, begin: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
    begin();
  });
}

async function prepareSocket(path: string): Promise<void> {
  const length = Buffer.byteLength(path);
  if (length > LONGEST_SOCKET_PATH) {
    throw new AddressError(
      `${path} has ${length} bytes, a socket may have ${LONGEST_SOCKET_PATH}; choose a shorter path`,
    );
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw new AddressError(`${path} exists and is no socket; choose another path`);
  if (await answers(path))
    throw new AddressError(`${path} belongs to a bridge that is running; end that one first`);
  rmSync(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => resolve(false));
  });
}
