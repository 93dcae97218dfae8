import { isLoopback } from "../../model/hosts.ts";
import type { IntegrationModel } from "../../model/integration.ts";
import type { Rule } from "../rule.ts";

/** Whether a URL's traffic can be read on the way; within a cluster a network policy decides who is on it. */
function isOpen(url: string, target: string): boolean {
  const { protocol, hostname } = new URL(url);
  const isInCluster = target === "kubernetes" && /^[^.]+$|\.svc$|\.cluster\.local$/.test(hostname);
  return protocol === "http:" && !isLoopback(hostname) && !isInCluster;
}

function violations({ servers, gateway, target }: IntegrationModel) {
  const urls = [
    ...servers.flatMap(({ name, remote }) =>
      remote ? [{ path: `server ${name}: remote.url`, url: remote.url, what: "calls and credentials" }] : [],
    ),
    ...(gateway?.tracing
      ? [{ path: `gateway ${gateway.name}: tracing.endpoint`, url: gateway.tracing.endpoint, what: "traces" }]
      : []),
  ];
  const open = urls
    .filter(({ url }) => isOpen(url, target))
    .map(({ path, url, what }) => ({
      path,
      reason: `is "${new URL(url).origin}": ${what} would cross a network unencrypted`,
    }));
  // Elsewhere the target decides how the gateway is exposed.
  const isOpenItself =
    gateway &&
    target === "local" &&
    !isLoopback(gateway.listen.host) &&
    !gateway.publicUrl?.startsWith("https:");
  if (!isOpenItself) return open;
  const reason = `is "${gateway.listen.host}", and no publicUrl says that something in front of it speaks https: tokens would cross a network unencrypted`;
  return [...open, { path: `gateway ${gateway.name}: listen.host`, reason }];
}

/** What leaves the machine is encrypted. */
export const encryptedTransport: Rule = {
  id: "encrypted-transport",
  concern: "security",
  title: "What leaves the machine is encrypted",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation: "Use https; in front of a gateway, a proxy that speaks it, and its address as publicUrl.",
  code: 'new mcp.Server("tickets", { remote: { url: "https://tickets.example.com/mcp" }, … });',
  reference:
    "MCP 2026-07-28, Authorization, Communication Security; OAuth 2.1, section 1.5; RFC 6750, section 5.3",
  check: violations,
};
