import { z } from "zod";
import { tunable } from "../rule.ts";

/** Where a machine's cloud hands out credentials of its own to whoever asks. */
const metadataHosts = new Set(["169.254.169.254", "metadata.google.internal"]);

/** What is wrong with a destination; it is written as `host:port` or `network/prefix:port`. */
function fault(destination: string, prefix: number): string | undefined {
  const host = destination.slice(0, destination.lastIndexOf(":"));
  const [network = "", length] = host.split("/");
  if (host === "*") return "is every host: whatever the server is told to leak, it can";
  if (metadataHosts.has(network.toLowerCase()) || network.startsWith("169.254."))
    return "is where a cloud hands out its machine's credentials";
  if (length !== undefined && Number(length) < prefix) return `is a network wider than /${prefix}`;
  return undefined;
}

/** A server reaches what it needs and nothing else. */
export const narrowEgress = tunable({
  id: "narrow-egress",
  concern: "security",
  title: "A server reaches named hosts or narrow networks",
  severity: "error",
  enforcedBy: "policy",
  needs: "server",
  remediation: "Name each host and port that the server needs, or the network that they are in.",
  code: 'new mcp.Server("github", { egress: ["api.github.com:443", "10.2.0.0/16:5432"], … });',
  reference:
    "MCP Security Best Practices, Server-Side Request Forgery; Kubernetes, Network Policies, egress; OWASP Top 10 2021, A10",
  parameters: z.strictObject({
    /** Length of prefix from which a network counts as narrow. */
    prefix: z.int().min(1).max(32).default(16),
  }),
  check: ({ servers }, { prefix }) =>
    servers.flatMap(({ name, egress }) =>
      egress.flatMap((destination, index) => {
        const reason = fault(destination, prefix);
        return reason
          ? [{ path: `server ${name}: egress[${index}]`, reason: `"${destination}" ${reason}` }]
          : [];
      }),
    ),
});
