import { createHash } from "node:crypto";
import { callsChart } from "./chart.ts";
import { digits, duration, milliseconds, percent } from "./figures.ts";
import { Html, html } from "./html.ts";
import type { ServerStatus, StatusReport } from "./report.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * The page shows names that servers gave. They are escaped; and if they were not, nothing but the page's own style and
 * script could do anything, and nothing could be loaded from or sent to elsewhere.
 */
export const STATUS_HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)}`,
    `script-src ${hashOf(SCRIPT)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
} as const;

const VERDICTS = {
  ok: "All servers work",
  degraded: "Something is wrong",
  down: "No server works",
  draining: "About to end",
} as const;

/** The status page. It works without its script, which only keeps it up to date. */
export function statusPage(report: StatusReport): string {
  const { gateway, status } = report;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${MARK[status]} ${gateway}: ${VERDICTS[status]}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLE)}</style>
<noscript><meta http-equiv="refresh" content="5"></noscript>
</head>
<body>
<p id="lost" role="alert" hidden>The gateway does not answer. What you see is the last that it said.</p>
<main>
${heading(report)}
${tiles(report)}
${servers(report)}
${slowest(report)}
${errors(report)}
</main>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text;
}

/** In front of the title: tabs are told apart by it. */
const MARK = { ok: "●", degraded: "▲", down: "✕", draining: "◌" } as const;

function heading({ gateway, version, status, uptimeSeconds }: StatusReport): Html {
  return html`<header>
<h1>${gateway}</h1>
<p class="pill ${status}" role="status">${MARK[status]} ${VERDICTS[status]}</p>
<p class="quiet">mcp-infra ${version}, up for ${duration(uptimeSeconds)}</p>
</header>`;
}

function tiles({ callsPerSecond, errorShare, perSecond, servers, turnedAway, limited }: StatusReport): Html {
  const inFlight = servers.reduce((sum, each) => sum + each.inFlight, 0);
  return html`<section class="tiles" aria-label="Now">
${tile("Calls per second", digits(callsPerSecond), "last minute")}
${tile("Failed", percent(errorShare), "last minute", errorShare > 0)}
${tile("With servers now", digits(inFlight), "calls under way")}
${tile("Turned away", sumOf(turnedAway), listed(turnedAway))}
${tile("Beyond a limit", sumOf(limited), listed(limited))}
<figure><figcaption>Calls, last 5 minutes</figcaption>${callsChart(perSecond)}</figure>
</section>`;
}

function tile(title: string, value: string | number, note: string, isBad = false): Html {
  return html`<div class="tile${isBad ? " bad" : ""}"><h2>${title}</h2><p class="figure">${value}</p><p class="quiet">${note}</p></div>`;
}

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, each) => sum + each, 0);

function listed(counts: Record<string, number>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  if (present.length === 0) return "since the start";
  return present.map(([name, count]) => `${name.replaceAll("_", " ")} ${count}`).join(", ");
}

function servers({ servers, groups }: StatusReport): Html {
  return table(
    "Servers",
    ["Server", "State", "#Calls/s", "#Failed", "#Now", "#Retries", "#Rejected", "#Tools", "Remark"],
    servers.map((server) => {
      const remarks = [server.reason, pinned(server), groupRemark(server.name, groups)].filter(Boolean);
      return html`<tr class="${stateOf(server)}">
<th scope="row">${server.name}</th><td><span class="state">${WORDS[stateOf(server)]}</span></td>
<td>${digits(server.callsPerSecond)}</td><td>${server.errors}</td><td>${server.inFlight}</td>
<td>${server.retries}</td><td>${server.rejected}</td><td>${server.tools ?? "–"}</td>
<td class="text">${remarks.join("; ")}</td></tr>`;
    }),
    { none: "No server is configured.", note: "failed: last 5 minutes; retries, rejected: since the start" },
  );
}

const WORDS = {
  up: "● up",
  flawed: "▲ up, with faults",
  trying: "▲ breaker tries",
  open: "✕ breaker open",
  down: "✕ down",
} as const;

function stateOf({ status, breaker, reason, unpinned }: ServerStatus): keyof typeof WORDS {
  if (status === "down") return "down";
  return breaker ?? (reason || unpinned > 0 ? "flawed" : "up");
}

function pinned({ unpinned }: ServerStatus): string | undefined {
  return unpinned > 0 ? `${unpinned} tool(s) hidden: not what was agreed on` : undefined;
}

function groupRemark(name: string, groups: StatusReport["groups"]): string | undefined {
  for (const [group, { mode, serving, up, down }] of Object.entries(groups)) {
    if (![...up, ...down].includes(name)) continue;
    const role = mode === "balanced" ? "shares the calls" : name === group ? "primary" : "standby";
    return `${role} of group ${group}${serving === name ? ", serves" : ""}`;
  }
  return undefined;
}

function slowest({ slowestTools }: StatusReport): Html {
  const most = Math.max(1, ...slowestTools.map(({ p95 }) => p95));
  return table(
    "Slowest tools",
    ["Tool", "Server", "#Calls", "#p50", "#p95", ""],
    slowestTools.map(
      ({ server, tool, calls, p50, p95 }) => html`<tr><th scope="row">${tool}</th><td>${server}</td>
<td>${calls}</td><td>${milliseconds(p50)}</td><td>${milliseconds(p95)}</td>
<td class="wide"><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${(p95 / most) * 100}" height="8" rx="1"/></svg></td></tr>`,
    ),
    { none: "No tool was called yet.", note: "by their last calls" },
  );
}

function errors({ recentErrors }: StatusReport): Html {
  return table(
    "Recent errors",
    ["Age", "Outcome", "Server", "Tool", "Consumer", "Request"],
    recentErrors.map(
      ({ at, outcome, server, tool, consumer, requestId }) => html`<tr>
<td>${duration((Date.now() - at) / 1000)}</td><th scope="row">${outcome.replaceAll("_", " ")}</th><td>${server}</td>
<td>${tool}</td><td>${consumer}</td><td><code>${requestId}</code></td></tr>`,
    ),
    { none: "None." },
  );
}

/** Columns of numbers have a `#` in front. `none` stands in place of a table without rows. */
function table(
  title: string,
  columns: readonly string[],
  rows: readonly Html[],
  { none, note }: { none: string; note?: string },
): Html {
  const id = title.toLowerCase().replaceAll(" ", "-");
  if (rows.length === 0)
    return html`<section id="${id}"><h2>${title}</h2><p class="quiet">${none}</p></section>`;
  return html`<section id="${id}"><div class="scroll"><table><caption>${title}${note && html` <span class="quiet">${note}</span>`}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${new Html(column.startsWith("#") ? ' class="number"' : "")}>${column.replace("#", "")}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}
