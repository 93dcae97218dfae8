import { posix } from "node:path";

/** Where things are in the folder that `copy-runtime` fills; the paths are those of a container. */
export const COPIED = {
  /** The dynamic linker, under one name on every architecture. */
  loader: "lib/loader",
  libraries: "lib",
  node: "node",
  program: "app/gateway/main.js",
} as const;

/**
 * The start of a command line that runs the gateway program from a folder filled by `copy-runtime`, in any Linux image
 * of the same architecture: it takes the linker and the libraries from the folder, and nothing from the image. No
 * environment variable is needed, so that programs started by it find their own libraries.
 *
 * @example
 * [...copiedRuntime("/mcp-infra"), "bridge", "--name", "x", "--listen", "0.0.0.0:8080", "--", "/server"]
 */
export function copiedRuntime(directory: string): [string, ...string[]] {
  const at = (path: string) => posix.join(directory, path);
  return [at(COPIED.loader), "--library-path", at(COPIED.libraries), at(COPIED.node), at(COPIED.program)];
}

/** The start of a command line that runs another program with the Node that runs this one. */
export function ownNode(): [string, ...string[]] {
  // Started by the copied loader, Node takes that for itself.
  const [loader, ...rest] = copiedRuntime(posix.dirname(posix.dirname(process.execPath)));
  return process.execPath === loader ? [loader, ...rest.slice(0, -1)] : [process.execPath];
}
