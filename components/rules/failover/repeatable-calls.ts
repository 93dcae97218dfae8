import { z } from "zod";
import { tunable } from "../rule.ts";
import { verbIn } from "../verbs.ts";

/** What is done twice when it is called twice is called once. */
export const repeatableCalls = tunable({
  id: "repeatable-calls",
  concern: "failover",
  title: "What is declared repeatable may be done twice",
  severity: "warning",
  enforcedBy: "policy",
  needs: "server",
  remediation:
    "Leave repeatable out, or set it to false; or let the server know a call again, by a key in its arguments.",
  code: 'new mcp.Server("mail", { perTool: { send_mail: { repeatable: false } }, … });',
  reference:
    "MCP 2026-07-28, Tools, annotations: idempotentHint; RFC 9110, section 9.2.2: Idempotent Methods",
  parameters: z.strictObject({
    /** Words of a tool's name that say that a second call does it a second time. */
    verbs: z
      .array(z.string())
      .default([
        "send",
        "create",
        "add",
        "append",
        "insert",
        "post",
        "publish",
        "pay",
        "charge",
        "transfer",
        "order",
        "book",
        "submit",
        "increment",
      ]),
  }),
  check: ({ servers }, { verbs }) =>
    servers.flatMap(({ name, perTool }) =>
      Object.entries(perTool).flatMap(([tool, { repeatable }]) => {
        const verb = repeatable ? verbIn(tool, verbs) : undefined;
        if (verb === undefined) return [];
        return [
          {
            path: `server ${name}: perTool.${tool}.repeatable`,
            reason: `is true, and the tool's name says that it can ${verb}: after a lost answer it would ${verb} again`,
          },
        ];
      }),
    ),
});
