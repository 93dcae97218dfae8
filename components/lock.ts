import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
// Each by itself: the index brings MCP clients along, which no preview has to wait for.
import { LockError, readLockFile } from "../lock/file.ts";
import { type Pinned, pinsIn } from "../lock/pins.ts";

/**
 * Reads what was agreed on of a stack's servers, as `mcp-infra lock` wrote it: `new mcp.Gateway("edge", { catalogue:
 * mcp.readLock("mcp-infra.dev.lock.yaml"), … })`. The gateway then hides and refuses a tool that is not as agreed. Pin where
 * agents work, and lock where developers do: a stack that is pinned to its own lock would not start a new consumer.
 *
 * @param file relative to the Pulumi project
 * @throws {pulumi.RunError} when the file is missing, damaged or of a newer version
 */
export function readLock(file: string): Pinned {
  const project = pulumi.runtime.getRootDirectory() || process.cwd();
  try {
    return pinsIn(readLockFile(path.resolve(project, file)));
  } catch (error) {
    if (error instanceof LockError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
