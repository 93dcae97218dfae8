import { lockOf } from "../../lock/index.ts";
import { type LiveStack, recordOf } from "../../release/live.ts";
import type { ReleaseRecord } from "../../release/record.ts";
import type { SmokeReport } from "../../smoke/index.ts";

/** A green smoke test. */
export const green: SmokeReport = {
  passed: true,
  startedAt: "2026-01-02T03:04:05.000Z",
  finishedAt: "2026-01-02T03:04:06.000Z",
  endpoint: "http://127.0.0.1:7400/mcp",
  checks: [{ subject: "server notes", check: "answers", passed: true, detail: "ok" }],
};

const integrity = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;

/** A live stack `dev`, of one package that agent uses a tool of. */
export function live(change: Partial<LiveStack> = {}, description = "Reads."): LiveStack {
  const of = { stack: "dev", gateway: "edge", ...change };
  const tool = { name: "notes__read", description, inputSchema: { type: "object" } };
  return {
    ...of,
    artifacts: { notes: { package: "npm:notes@1.0.0", integrity } },
    faults: [],
    lock: lockOf(of, { agent: { tools: [tool], prompts: [], resources: [], resourceTemplates: [] } }),
    smoke: green,
    ...change,
  };
}

/** Its release. */
export function recorded(of: LiveStack = live(), standing?: ReleaseRecord): ReleaseRecord {
  return recordOf(of, { at: "2026-01-02T03:04:07.000Z", commit: "a".repeat(40), advisory: 0 }, standing);
}
