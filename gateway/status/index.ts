import type { Page } from "../http/listener.ts";
import { STATUS_HEADERS, statusPage } from "./page.ts";
import { type StatusParts, statusReport } from "./report.ts";

/** The status page for people, and what it shows for programs. */
export function statusPages(parts: StatusParts): Record<string, Page> {
  return {
    "/status": async (state) => ({
      status: 200,
      type: "text/html; charset=utf-8",
      headers: STATUS_HEADERS,
      body: statusPage(await statusReport(parts, state)),
    }),
    "/status.json": async (state) => ({
      status: 200,
      type: "application/json",
      body: JSON.stringify(await statusReport(parts, state)),
    }),
  };
}
