import { describeUse } from "../../model/consumer.ts";
import { exposedName } from "../../model/names.ts";
import type { Rule, Violation } from "../rule.ts";

/** Most clients refuse longer tool names; the specification allows 128. */
const longestToolName = 64;

function repeated(kind: string, names: string[]): Violation[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => ({
    path: `${kind} ${name}`,
    reason: `is declared ${names.filter((other) => other === name).length} times`,
  }));
}

/** Everything behind one gateway has a name of its own, also after prefixing. */
export const distinctNames: Rule = {
  id: "distinct-names",
  concern: "operations",
  title: "Names are distinct and fit",
  severity: "error",
  enforcedBy: "component",
  needs: "gateway",
  remediation:
    "Give each server, consumer and gateway a name of its own, and shorten a name that is too long.",
  code: `new mcp.Server("notes", …);
new mcp.Gateway("edge", …);`,
  reference: "MCP 2026-07-28, Tools, Tool Names",
  check({ servers, consumers, gateway }) {
    const clashing = servers
      .filter(({ name }) => name === gateway?.name)
      .map(({ name }) => ({
        path: `server ${name}`,
        reason: "has the name of its gateway: both would be one process or workload",
      }));
    const tooLong = consumers.flatMap((consumer) =>
      consumer.uses.flatMap((use, index) => {
        const name = "tool" in use ? exposedName(use.server, use.tool) : "";
        return name.length > longestToolName
          ? [
              {
                path: `consumer ${consumer.name}: uses[${index}]`,
                reason: `"${name}" has ${name.length} characters; clients accept ${longestToolName}`,
              },
            ]
          : [];
      }),
    );
    const twice = consumers.flatMap((consumer) =>
      repeated(`consumer ${consumer.name}: uses:`, consumer.uses.map(describeUse)),
    );
    return [
      ...repeated(
        "server",
        servers.map(({ name }) => name),
      ),
      ...repeated(
        "consumer",
        consumers.map(({ name }) => name),
      ),
      ...clashing,
      ...tooLong,
      ...twice,
    ];
  },
};
