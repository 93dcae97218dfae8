import { programOf, type ServerModel } from "../../model/server.ts";
import type { Rule, Violation } from "../rule.ts";

const exactVersion = /@\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
const digest = /@sha256:[0-9a-f]{64}$/;
const packageRunners = new Set(["npx", "bunx", "pnpx", "uvx", "pipx", "docker", "podman"]);

function violation(server: ServerModel): Violation[] {
  const program = programOf(server);
  const kind = server.stdio ? "stdio" : "http";
  const at = (property: string, reason: string) => [
    { path: `server ${server.name}: ${kind}.${property}`, reason },
  ];
  if (program?.package !== undefined && !exactVersion.test(program.package))
    return at("package", `"${program.package}" names no exact version: the next restart may run other code`);
  if (program?.image !== undefined && !digest.test(program.image))
    return at("image", `"${program.image}" is not pinned by digest: a tag can be moved`);
  if (program?.command !== undefined && packageRunners.has(program.command.split("/").at(-1) ?? ""))
    return at("command", `"${program.command}" fetches what it runs at each start, and nothing pins that`);
  return [];
}

/** What runs today runs tomorrow: packages by exact version, images by digest. */
export const pinnedArtifacts: Rule = {
  id: "pinned-artifacts",
  concern: "security",
  title: "Packages and images are pinned",
  severity: "error",
  enforcedBy: "policy",
  needs: "server",
  remediation: 'Name an exact version ("npm:@scope/name@1.2.3") or a digest ("…@sha256:…").',
  code: 'new mcp.Server("notes", { stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" }, … });',
  reference: "OWASP MCP Top 10, MCP04 Software Supply Chain Attacks; SLSA v1.0",
  check: ({ servers }) => servers.flatMap(violation),
};
