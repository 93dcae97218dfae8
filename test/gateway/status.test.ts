import http from "node:http";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Activity } from "../../gateway/status/activity.ts";
import { html } from "../../gateway/status/html.ts";
import type { StatusReport } from "../../gateway/status/report.ts";
import { openBrowser } from "../browser.ts";
import { callMessage, consumer, Fixture, type Program, post, rawServer, tools, until } from "./fixture.ts";
import { MARKUP } from "./spilling-server.ts";

const fixture = new Fixture();
const key = "key-0123456789-of-upstream";
let notes: Program;
let gateway: Program & { origin: string };

beforeAll(async () => {
  const spilling = [process.execPath, join(import.meta.dirname, "spilling-server.ts")];
  const first = fixture.bridge("notes", rawServer("stdio"));
  const second = fixture.bridge("spilling", spilling, [], { UPSTREAM_API_KEY: key });
  await Promise.all([first.logged("listening"), second.logged("listening")]);
  notes = first;
  const server = (name: string, socket: string) => ({
    name,
    url: "http://localhost/mcp",
    socket,
    timeoutMs: 2000,
  });
  gateway = await fixture.gateway({
    servers: [server("notes", first.socket), server("spilling", second.socket)],
    consumers: [consumer("agent", { tools: [...tools("notes"), ...tools("spilling")] })],
  });
  await fetch(`${gateway.origin}/health`); // waits for the first check of each
});
afterAll(() => fixture.close());

const call = (tool: string, args = {}) =>
  post(gateway.origin, callMessage(tool, args), { authorization: "Bearer agent-token" });

const report = async () => (await (await fetch(`${gateway.origin}/status.json`)).json()) as StatusReport;

describe("for programs", () => {
  test("it says what is, and what has been going on", async () => {
    await call("notes__seen");
    await call("notes__slow", { ms: 500 });
    const failed = await call("notes__explode");
    // A second is not counted before it is over.
    const found = await until(async () => {
      const now = await report();
      return now.servers[0]?.errors === 1 ? now : undefined;
    });
    expect(found).toMatchObject({ gateway: "edge", status: "ok" });
    expect(found.callsPerSecond).toBeGreaterThan(0);
    expect(found.servers).toMatchObject([
      { name: "notes", status: "up", tools: 9, inFlight: 0, errors: 1 },
      { name: "spilling", status: "up", tools: 3, errors: 0 },
    ]);
    expect(found.slowestTools[0]).toMatchObject({ server: "notes", tool: "slow", calls: 1 });
    expect(found.slowestTools[0]?.p95).toBeGreaterThanOrEqual(499);
    expect(found.recentErrors).toMatchObject([
      {
        server: "notes",
        tool: "explode",
        outcome: "protocol_error",
        consumer: "agent",
        requestId: failed.headers.get("x-request-id"),
      },
    ]);
  });

  test("who was turned away is counted by reason", async () => {
    await post(gateway.origin, callMessage("notes__seen"));
    expect((await report()).turnedAway).toMatchObject({ missing_token: 1 });
  });

  test("a tool that a caller made up has no name here", async () => {
    await call("notes__my-secret-idea");
    const { recentErrors, slowestTools } = await report();
    expect(JSON.stringify({ recentErrors, slowestTools })).not.toContain("my-secret-idea");
    expect(recentErrors[0]).toMatchObject({ server: "notes", tool: "other" });
  });
});

describe("what the page lets a browser do", () => {
  test("nothing but its own style and script, and no other site may show it", async () => {
    const answer = await fetch(`${gateway.origin}/status`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^' ]+'; script-src 'sha256-[^' ]+'; /);
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const page = await answer.text();
    expect(page).not.toMatch(/(?:src|href)="(?!data:,")/);
  });

  test.each([
    ["another name of this machine (DNS rebinding)", { host: "evil.example" }, 403],
    ["a page of another site", { origin: "https://evil.example" }, 403],
    ["this machine", {}, 200],
  ])("a request by %s", async (_, headers, status) => {
    expect(await statusOf(`${gateway.origin}/status`, headers)).toBe(status);
  });

  /** `fetch` lets nobody choose a Host. */
  function statusOf(url: string, headers: http.OutgoingHttpHeaders): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      http.get(url, { headers }, (response) => resolve(response.resume().statusCode)).on("error", reject);
    });
  }

  test("text is text", () => {
    expect(html`<b title="${'"><i>'}">${"<script>&'"}</b>`.text).toBe(
      '<b title="&#34;&#62;&#60;i&#62;">&#60;script&#62;&#38;&#39;</b>',
    );
  });
});

describe("in a browser", () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];
  const row = (table: string, name: string) => page.locator(`#${table} tr`, { hasText: name });

  beforeAll(async () => {
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 1100 }, colorScheme: "light" });
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${gateway.origin}/status`);
  });
  afterAll(() => browser?.close());

  test("it shows the gateway, its servers and the slowest tools", async () => {
    expect(await page.title()).toBe("● edge: All servers work");
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("edge");
    expect(await page.getByRole("table", { name: /^Servers/ }).isVisible()).toBe(true);
    expect(await row("servers", "notes").textContent()).toContain("● up");
    expect(await row("slowest-tools", "slow").first().isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("a call is seen without a reload", async () => {
    await call("spilling__spill");
    await until(() => row("recent-errors", "spill").first().isVisible());
    expect(await page.content()).not.toContain(key);
  });

  test("a tool's name is text, whatever a server calls it", async () => {
    await call(`spilling__${MARKUP}`);
    await until(async () => (await row("slowest-tools", "onerror").count()) > 0);
    expect(await row("slowest-tools", "onerror").getByRole("rowheader").textContent()).toBe(MARKUP);
    expect(await page.locator("main img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("a server that dies is seen to, with the reason", async () => {
    notes.signal("SIGKILL");
    await call("notes__seen");
    await until(async () => (await row("servers", "notes").first().textContent())?.includes("✕ down"));
    expect(await row("servers", "notes").first().textContent()).toContain('Server "notes" is unavailable');
    expect(await page.getByRole("status").textContent()).toContain("Something is wrong");
    await until(async () => (await page.title()) === "▲ edge: Something is wrong");
    await until(() => row("recent-errors", "unavailable").first().isVisible());
  });

  test("so is the end of the gateway itself", async () => {
    const lost = page.getByRole("alert");
    expect(await lost.isVisible()).toBe(false);
    gateway.signal("SIGTERM");
    await until(() => lost.isVisible(), 15_000);
    expect(await row("servers", "spilling").first().isVisible()).toBe(true);
  });
});

describe("what is kept in memory", () => {
  const at = (second: number) => second * 1000;
  const ok = {
    server: "a",
    tool: "t",
    consumer: "c",
    outcome: "ok",
    durationMs: 1,
    requestId: "r",
  } as const;

  test("seconds that are over, for five minutes", () => {
    const activity = new Activity();
    activity.note(ok, at(1000));
    activity.note({ ...ok, outcome: "timeout" }, at(1000));
    activity.note(ok, at(1002));
    expect(activity.perSecond("a", at(1002)).all.slice(-2)).toEqual([2, 0]);
    expect(activity.perSecond(undefined, at(1003)).all.slice(-3)).toEqual([2, 0, 1]);
    expect(activity.perSecond("a", at(1003)).failed.slice(-3)).toEqual([1, 0, 0]);
    expect(activity.perSecond("b", at(1003)).all).toEqual([]);
    expect(sum(activity.perSecond("a", at(1299)).all)).toBe(3);
    expect(sum(activity.perSecond("a", at(1300)).all)).toBe(1);
    expect(sum(activity.perSecond("a", at(9999)).all)).toBe(0);
  });

  test("the times of the last calls of each tool that were sent", () => {
    const activity = new Activity();
    for (let durationMs = 1; durationMs <= 1000; durationMs++) activity.note({ ...ok, durationMs });
    activity.note({ ...ok, tool: "quick" });
    activity.note({ ...ok, tool: "never", outcome: "rejected" });
    expect(activity.slowest(5)).toEqual([
      { server: "a", tool: "t", calls: 1000, p50: 936, p95: 994 },
      { server: "a", tool: "quick", calls: 1, p50: 1, p95: 1 },
    ]);
  });

  test("the last errors, and no call that was denied or limited", () => {
    const activity = new Activity();
    for (let n = 0; n < 500; n++) activity.note({ ...ok, outcome: "timeout", requestId: `${n}` });
    activity.note({ ...ok, outcome: "denied" });
    activity.note({ ...ok, outcome: "limited" });
    const errors = activity.errors(1000);
    expect(errors).toHaveLength(50);
    expect(errors[0]?.requestId).toBe("499");
  });

  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
});
