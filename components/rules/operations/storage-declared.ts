import { dataDirectory, programOf } from "../../model/server.ts";
import type { Rule } from "../rule.ts";

/** A server that is told of a data directory has one. */
export const storageDeclared: Rule = {
  id: "storage-declared",
  concern: "operations",
  title: "A server that names its data directory declares storage",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation: "Set storage: true, or leave mcp.dataDirectory out of args and env.",
  code: 'new mcp.Server("notes", { storage: true, env: { DATA_DIRECTORY: mcp.dataDirectory }, … });',
  reference: "Twelve-Factor App, VI. Processes",
  check: ({ servers }) =>
    servers
      .filter((server) => !server.storage)
      .filter((server) =>
        [...(programOf(server)?.args ?? []), ...Object.values(server.env)].some(
          (text) => typeof text === "string" && text.includes(dataDirectory),
        ),
      )
      .map((server) => ({
        path: `server ${server.name}: storage`,
        reason: "is false, but args or env name the data directory, which then does not exist",
      })),
};
