import { programOf } from "../../model/index.ts";
import type { Rule } from "../../rules/rule.ts";

/** What this machine can't do. */
export const capabilities: readonly Rule[] = [
  {
    id: "local-no-images",
    title: "The local target starts packages and commands, not images",
    severity: "error",
    enforcedBy: "component",
    needs: "server",
    remediation: "Name the server's package or command, or use a target that runs containers.",
    reference: "The local target runs processes, without a container engine",
    check: ({ servers }) =>
      servers
        .filter((server) => programOf(server)?.image)
        .map((server) => ({
          path: `server ${server.name}: ${server.stdio ? "stdio" : "http"}.image`,
          reason: "is a container image, which the local target can't run",
        })),
  },
  {
    id: "local-single-replica",
    title: "The local target runs one instance of a server",
    severity: "error",
    enforcedBy: "component",
    needs: "server",
    remediation: "Set replicas to 1, or use a target that has several machines.",
    reference: "On one machine and one port, further replicas share every fault of the first",
    check: ({ servers }) =>
      servers
        .filter((server) => server.http && server.replicas > 1)
        .map((server) => ({
          path: `server ${server.name}: replicas`,
          reason: `is ${server.replicas}; on this machine a server is one process`,
        })),
  },
];
