import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { PlainError } from "./faults.ts";

/** Where one process keeps what it leaves behind. All but the socket is below the stack's run-time directory. */
export interface ProcessPaths {
  readonly directory: string;
  readonly record: string;
  readonly logFile: string;
  /** Files that the framework writes for it. */
  readonly run: string;
  /** The secrets that it reads as files, each named as its variable. */
  readonly secrets: string;
  /** The server's own data, kept over restarts. */
  readonly data: string;
  readonly gatewayConfig: string;
  readonly socket: string;
}

// 104 bytes with the closing zero is the least of the platforms' limits.
const longestSocketPath = 103;

const subdirectories = ["processes", "run", "data", "logs"] as const;

/**
 * The Unix socket of a stdio server's bridge. It is outside the run-time directory because the kernel allows
 * a socket's path only some hundred bytes.
 */
export function socketPath(directory: string, name: string): string {
  const digest = createHash("sha256").update(directory).digest("hex").slice(0, 12);
  return join(socketRoot(), digest, `${name}.sock`);
}

/**
 * The Unix socket by which one start of a gateway takes orders; each has its own, since two run while one replaces the
 * other. `undefined` where the path would be too long: then the old one has to end before the new one starts.
 */
export function controlPath(directory: string, name: string, instance: string): string | undefined {
  const path = join(dirname(socketPath(directory, name)), `${name}.${instance.slice(0, 8)}.sock`);
  return Buffer.byteLength(path) > longestSocketPath ? undefined : path;
}

function socketRoot(): string {
  return join(tmpdir(), `mcp-infra-${userInfo().uid}`);
}

/** The paths of the process `name` of a run-time directory. */
export function processPaths(directory: string, name: string): ProcessPaths {
  return {
    directory,
    record: join(directory, "processes", `${name}.json`),
    logFile: join(directory, "logs", `${name}.log`),
    run: join(directory, "run", name),
    secrets: join(directory, "run", name, "secrets"),
    data: join(directory, "data", name),
    gatewayConfig: join(directory, "run", name, "gateway.json"),
    socket: socketPath(directory, name),
  };
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** What is wrong with a directory that is to be private to us, in words; `undefined` when it will do or isn't there. */
export function privateDirectoryFault(path: string): string | undefined {
  const stat = statOf(path);
  if (stat === undefined) return undefined;
  if (stat.isSymbolicLink())
    return `${path} is a symbolic link; remove it, or give the directory it points to`;
  if (!stat.isDirectory())
    return `${path} is a file, not a directory; move it away or choose another directory`;
  const { uid, username } = userInfo();
  if (stat.uid !== uid)
    return `${path} belongs to another user (uid ${stat.uid}), not to ${username}; choose another directory`;
  if ((stat.mode & 0o022) !== 0)
    return `others may write to ${path} (mode ${modeText(stat)}); run: chmod 700 ${path}`;
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return `${path} is not writable (mode ${modeText(stat)}); run: chmod 700 ${path}`;
  }
  return undefined;
}

function modeText(stat: Stats): string {
  return (stat.mode & 0o777).toString(8).padStart(3, "0");
}

/** Every reason why a run-time directory can't be used. Where it doesn't exist, whether it could be made. */
export function directoryFaults(directory: string): string[] {
  if (statOf(directory) === undefined) return creationFaults(directory);
  const own = privateDirectoryFault(directory);
  if (own !== undefined) return [own];
  return [...subdirectories.map((part) => join(directory, part))].flatMap(
    (path) => privateDirectoryFault(path) ?? [],
  );
}

function creationFaults(directory: string): string[] {
  let ancestor = dirname(directory);
  while (statOf(ancestor) === undefined && ancestor !== dirname(ancestor)) ancestor = dirname(ancestor);
  // What holds the directory may be anybody's and a link, as /tmp is in places; it only has to let us in.
  if (!statSync(ancestor).isDirectory()) {
    return [`${directory} can't be created: ${ancestor} is a file; choose another directory`];
  }
  try {
    accessSync(ancestor, constants.W_OK | constants.X_OK);
  } catch {
    return [`${directory} can't be created: ${ancestor} is not writable; choose another directory`];
  }
  return [];
}

/** Every reason why the directory of the sockets can't be used. */
export function socketDirectoryFaults(directory: string): string[] {
  const folder = dirname(socketPath(directory, "any"));
  return [socketRoot(), folder].flatMap((path) => privateDirectoryFault(path) ?? []);
}

/** Why the socket of a process can't be at its path. */
export function socketPathFault(directory: string, name: string): string | undefined {
  const socket = socketPath(directory, name);
  const length = Buffer.byteLength(socket);
  if (length <= longestSocketPath) return undefined;
  return `the path of its socket is too long (${length} bytes): ${socket}; set TMPDIR to a shorter path`;
}

/** Makes a directory private to us, or says why it can't be. */
export function makePrivateDirectory(path: string): void {
  const before = privateDirectoryFault(path);
  if (before !== undefined) throw new PlainError(before);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  // Again, since somebody else may have made it in the meantime.
  const after = privateDirectoryFault(path);
  if (after !== undefined) throw new PlainError(after);
}

/** Makes the directories of one process. */
export function makeProcessDirectories(
  paths: ProcessPaths,
  needs: { storage: boolean; socket: boolean },
): void {
  makePrivateDirectory(paths.directory);
  for (const part of subdirectories) {
    if (part !== "data" || needs.storage) makePrivateDirectory(join(paths.directory, part));
  }
  makePrivateDirectory(paths.run);
  if (needs.storage) makePrivateDirectory(paths.data);
  if (needs.socket) {
    makePrivateDirectory(socketRoot());
    makePrivateDirectory(dirname(paths.socket));
  }
}

/** Removes files and folders, of which some may be gone already. */
export function removeQuietly(paths: readonly string[]): void {
  for (const path of paths) {
    // Where a folder above has become a file, there is nothing of ours below it any more.
    if (statOf(path) !== undefined) rmSync(path, { recursive: true, force: true });
  }
}

/** Removes the sockets of a process, also those of earlier starts that were ended by force. */
export function removeSockets(directory: string, name: string): void {
  const folder = dirname(socketPath(directory, name));
  if (statOf(folder)?.isDirectory() !== true) return;
  // No name has a dot in it.
  const own = readdirSync(folder).filter((file) => file.startsWith(`${name}.`));
  removeQuietly(own.map((file) => join(folder, file)));
}

/** Removes the directories that the last process of a stack leaves empty. */
export function removeEmptyDirectories(paths: ProcessPaths): void {
  const below = subdirectories.map((part) => join(paths.directory, part));
  for (const path of [...below, paths.directory, dirname(paths.socket), socketRoot()]) {
    try {
      rmdirSync(path);
    } catch {
      // Not empty, or not there: both are as they should be.
    }
  }
}
