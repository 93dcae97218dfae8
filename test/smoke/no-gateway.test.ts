import type http from "node:http";
import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { failureFrom } from "../../smoke/failure.ts";
import { runSmokeTest, type SmokeReport } from "../../smoke/index.ts";
import { modelOf } from "./fixture.ts";
import { type Listening, listen, smallGateway, sound } from "./small-gateway.ts";

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const model = modelOf({
  servers: [{ name: "notes" }],
  consumers: [{ name: "reader", uses: [{ server: "notes", tool: "read", arguments: {} }] }],
});

const smoke = (endpoint: string, deadlineMs = 1_000) =>
  runSmokeTest({ model, endpoint, tokens: { reader: "reader-token" }, deadlineMs });

async function against(
  listener: http.RequestListener | http.Server,
  deadlineMs?: number,
): Promise<SmokeReport> {
  const server = await listen(listener);
  open.push(server);
  return smoke(`${server.origin}/mcp`, deadlineMs);
}

const page =
  (status: number, headers: Record<string, string>, body = ""): http.RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

/** Writes the same chunk again and again, as fast as it is taken. */
const endless =
  (type: string, chunk: string): http.RequestListener =>
  (_, response) => {
    response.writeHead(200, { "content-type": type });
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  };

const whole = "x".repeat(64 * 1024);

describe("an endpoint that is no MCP server gives a red report with a reason, in time", () => {
  it.each<[string, http.RequestListener, RegExp]>([
    [
      "a web page",
      page(200, { "content-type": "text/html" }, "<p>hello</p>"),
      /HTTP 200 with text\/html, which is no MCP/,
    ],
    [
      "nothing at that path",
      page(404, {}),
      /^has nothing at this path \(HTTP 404\); still so after \d+ tries/,
    ],
    ["a GET-only service", page(405, {}), /takes no POST/],
    [
      "a redirect elsewhere",
      page(302, { location: "https://login.example.com/in?state=s" }),
      /^redirects to "https:\/\/login.example.com\/in" \(HTTP 302\)/,
    ],
    ["a broken proxy", page(502, { "content-type": "text/html" }), /HTTP 502/],
    [
      "some other JSON",
      page(200, { "content-type": "application/json" }, '{"hello":1}'),
      /gives no valid MCP answer/,
    ],
    [
      "no JSON at all",
      page(200, { "content-type": "application/json" }, "oops"),
      /gives no valid MCP answer/,
    ],
    ["silence", () => {}, /^gave no answer within \d+ ms/],
    [
      "an answer that stops half way",
      (_, response) => void response.writeHead(200, { "content-type": "application/json" }).write("{"),
      /^began an answer, but gave no answer within/,
    ],
    [
      "an event stream without an event",
      (_, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).write(": \n"),
      /^opened an event stream, but sent no answer within/,
    ],
    ["an endless answer", endless("application/json", whole), /larger than 16 MiB|no answer within/],
    ["an endless event stream", endless("text/event-stream", `: ${whole}\n\n`), /no answer within/],
    [
      "an endless error page",
      (_, response) => endless("text/html", whole)(_, Object.assign(response, { statusCode: 200 })),
      /text\/html|no answer within/,
    ],
  ])("%s", async (_, listener, reason) => {
    const report = await against(listener);
    expect(report.passed).toBe(false);
    const [newer, older, ...rest] = report.checks;
    expect(newer?.detail).toMatch(reason);
    expect(older?.detail).toMatch(reason);
    expect(rest.length).toBeGreaterThan(5);
    for (const { passed, detail } of rest) {
      expect(passed).toBe(false);
      expect(detail).toMatch(/see above$|the deadline of 1 s was over before|within the deadline/);
    }
    expect(Date.parse(report.finishedAt) - Date.parse(report.startedAt)).toBeLessThan(2_000);
  });

  it("nobody listens", async () => {
    const server = await listen(() => {});
    await server.close();
    const report = await smoke(`${server.origin}/mcp`, 400);
    expect(report.checks[0]?.detail).toMatch(
      /^nothing listens there \(connection refused\); still so after \d+ tries in/,
    );
  });

  it("plain HTTP where https is asked for", async () => {
    const server = await listen(page(200, {}));
    open.push(server);
    const report = await smoke(`${server.origin.replace("http:", "https:")}/mcp`);
    expect(report.checks[0]?.detail).toMatch(/^does not speak TLS as https wants it/);
  });

  it("no HTTP at all", async () => {
    const server = net.createServer((socket) => {
      socket.on("error", () => {}).end("SSH-2.0-OpenSSH_9.9\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    const report = await smoke(`http://127.0.0.1:${port}/mcp`);
    server.close();
    expect(report.checks[0]?.detail).toMatch(/^does not speak HTTP|^closed the connection/);
  });

  it.each([
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "not trusted"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "NODE_EXTRA_CA_CERTS"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "another host name"],
    ["CERT_HAS_EXPIRED", "expired"],
    ["ENOTFOUND", "host name is not known"],
    ["", "can't be reached"],
  ])("%s is said in words", (fault, words) => {
    expect(failureFrom({ fault }).message).toContain(words);
  });

  it("certificates don't become good by waiting", () => {
    expect(failureFrom({ fault: "CERT_HAS_EXPIRED" }).transient).toBe(false);
    expect(failureFrom({ fault: "ECONNREFUSED" }).transient).toBe(true);
  });

  it.each(["edge/mcp", "ftp://edge/mcp", ""])("%j is no URL of one", async (endpoint) => {
    const report = await smoke(endpoint);
    expect(report).toMatchObject({ passed: false, endpoint: "(no valid URL)" });
    expect(report.checks[0]?.detail).toContain("is no http or https URL");
  });

  it("leaves credentials in the endpoint out of the report", async () => {
    const report = await smoke("http://user:hunter2@127.0.0.1:9/mcp?key=hunter2", 100);
    expect(report.endpoint).toBe("http://127.0.0.1:9/mcp");
  });
});

describe("a gateway that still starts", () => {
  const small = modelOf({
    servers: [{ name: "notes" }, { name: "clock" }],
    consumers: [{ name: "writer", uses: [{ server: "notes", tool: "write", arguments: {} }] }],
  });

  it("is waited for, and so are its servers", async () => {
    let asked = 0;
    let healthAsked = 0;
    const gateway = await smallGateway({
      authenticate: (token, method) =>
        asked++ < 5 ? new Response("starting", { status: 503 }) : sound.authenticate(token, method),
      health: () => ({
        servers: { notes: { status: "up" }, clock: { status: healthAsked++ < 2 ? "down" : "up" } },
      }),
    });
    open.push(gateway);
    const options = { model: small, tokens: { writer: "writer-token" }, deadlineMs: 10_000 };
    const report = await runSmokeTest({ ...options, endpoint: `${gateway.origin}/mcp` });
    expect(report.checks.filter((check) => !check.passed)).toEqual([]);
    expect(report.checks[0]?.detail).toMatch(/^connected as writer, after .* of waiting for it$/);
    expect(healthAsked).toBe(3);
  });
});
