import type { Rule } from "../rule.ts";

/** On one machine, a port is one process's. */
export const distinctPorts: Rule = {
  id: "distinct-ports",
  concern: "operations",
  title: "No two local processes want one port",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation: "Give each a port of its own.",
  code: `new mcp.Gateway("edge", { listen: { port: 7400 }, … });
new mcp.Server("utilities", { http: { package, port: 7401 }, … });`,
  reference: "POSIX bind(2), EADDRINUSE",
  check({ servers, gateway, target }) {
    if (target !== "local" || !gateway) return [];
    const wanted = [
      { path: `gateway ${gateway.name}: listen.port`, port: gateway.listen.port },
      ...servers.flatMap((server) =>
        server.http ? [{ path: `server ${server.name}: http.port`, port: server.http.port }] : [],
      ),
    ];
    return wanted.flatMap(({ path, port }, index) => {
      const first = wanted.findIndex((other) => other.port === port);
      return first < index ? [{ path, reason: `is ${port}, as is "${wanted[first]?.path}"` }] : [];
    });
  },
};
