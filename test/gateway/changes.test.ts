import { afterAll, beforeAll, expect, test } from "vitest";
import { Wishes } from "../../gateway/subscriptions/wishes.ts";
import { consumer, Fixture, npmServer, type Program, tools, until } from "./fixture.ts";
import { newsServer } from "./news-server.ts";

const fixture = new Fixture();
let gateway: Program & { origin: string };
let news: Awaited<ReturnType<typeof newsServer>>;

beforeAll(async () => {
  news = await newsServer();
  const everything = fixture.bridge("everything", npmServer("everything", "stdio"));
  const port = 30_000 + (process.pid % 10_000);
  const http = fixture.run(npmServer("everything", "streamableHttp"), { PORT: String(port) });
  await Promise.all([everything.logged("listening"), until(() => http.stderr().includes("listening"))]);
  gateway = await fixture.gateway({
    servers: [
      { name: "news", url: news.url, timeoutMs: 2000 },
      { name: "everything", url: "http://localhost/mcp", socket: everything.socket, timeoutMs: 2000 },
      { name: "older", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 2000 },
    ],
    consumers: [
      consumer("reader", { tools: tools("news"), resources: [{ server: "news", uri: "news://" }] }),
      consumer("other", {
        tools: [...tools("everything"), ...tools("older")],
        resources: [
          { server: "everything", uri: "demo://resource/static/" },
          { server: "older", uri: "demo://resource/dynamic/" },
        ],
      }),
    ],
  });
});
afterAll(async () => {
  await fixture.close();
  await news.close();
});

test("a changed list of one server is heard of by those who have something of it, in both eras", async () => {
  const heard: string[] = [];
  const hear = (who: string) => async () => void heard.push(who);
  const modern = await fixture.modern(gateway.origin, "reader-token");
  modern.setNotificationHandler("notifications/tools/list_changed", hear("modern"));
  const subscription = await modern.listen({ toolsListChanged: true });
  const older = await fixture.older(gateway.origin, "reader-token");
  older.fallbackNotificationHandler = async ({ method }) => void heard.push(`older ${method}`);
  const stranger = await fixture.modern(gateway.origin, "other-token");
  stranger.setNotificationHandler("notifications/tools/list_changed", hear("stranger"));
  const theirs = await stranger.listen({ toolsListChanged: true });
  // One stream to the server, however many want to hear of it.
  await until(() => news.listening === 1);
  await until(() => {
    news.notify.toolsChanged();
    return heard.includes("modern") && heard.includes("older notifications/tools/list_changed");
  });
  expect(heard).not.toContain("stranger");
  await Promise.all([subscription.close(), theirs.close(), older.close()]);
  await until(() => news.listening === 0);
});

test("a server that says without end that its list has changed is not echoed to everybody", async () => {
  const client = await fixture.modern(gateway.origin, "reader-token");
  let heard = 0;
  client.setNotificationHandler("notifications/tools/list_changed", () => void heard++);
  const subscription = await client.listen({ toolsListChanged: true });
  await until(() => {
    news.notify.toolsChanged();
    return heard > 0;
  });
  const since = performance.now();
  for (let times = 0; times < 200; times++) news.notify.toolsChanged();
  // The last change is heard of as well, later.
  await until(() => heard > 1);
  expect(heard).toBeLessThanOrEqual(2 + (performance.now() - since) / 1000);
  await subscription.close();
  await until(() => news.listening === 0);
});

test("a resource is watched for those who subscribed and are granted it", async () => {
  const client = await fixture.modern(gateway.origin, "reader-token");
  const updated: string[] = [];
  client.setNotificationHandler(
    "notifications/resources/updated",
    ({ params }) => void updated.push(params.uri),
  );
  const subscription = await client.listen({
    resourceSubscriptions: ["news://one", "demo://resource/static/document/features.md"],
  });
  expect(subscription.honoredFilter.resourceSubscriptions).toEqual(["news://one"]);
  await until(() => news.listening === 1);
  await until(() => {
    news.notify.resourceUpdated("news://two");
    news.notify.resourceUpdated("news://one");
    return updated.length > 0;
  });
  expect(new Set(updated)).toEqual(new Set(["news://one"]));
  // Another wish opens another stream before the first one is closed: nothing is missed in between.
  const more = await client.listen({ resourceSubscriptions: ["news://two"] });
  await until(() => {
    news.notify.resourceUpdated("news://two");
    return updated.includes("news://two");
  });
  await until(() => news.listening === 1);
  await Promise.all([subscription.close(), more.close()]);
  await until(() => news.listening === 0);
});

test.each([
  ["stdio, through its bridge", "everything", "demo://resource/static/document/features.md"],
  ["HTTP, in the session that all share", "older", "demo://resource/dynamic/text/1"],
])(
  "a server of the older era tells of its resources over %s",
  async (_how, server, uri) => {
    const client = await fixture.modern(gateway.origin, "other-token");
    const heard: unknown[] = [];
    client.setNotificationHandler(
      "notifications/resources/updated",
      ({ params }) => void heard.push(params.uri),
    );
    const subscription = await client.listen({ resourceSubscriptions: [uri] });
    const toggle = { name: `${server}__toggle-subscriber-updates`, arguments: {} };
    await client.callTool(toggle);
    await until(() => heard.includes(uri), 12_000);
    await client.callTool(toggle);
    await subscription.close();
  },
  20_000,
);

test("wishes are counted as one", () => {
  const wishes = new Wishes();
  expect(wishes.filter).toBeUndefined();
  expect(wishes.add({ toolsListChanged: true, resourceSubscriptions: ["a"] })).toBe(true);
  expect(wishes.add({ toolsListChanged: true })).toBe(false);
  expect(wishes.add({ resourceSubscriptions: ["b"] })).toBe(true);
  expect(wishes.filter).toEqual({ toolsListChanged: true, resourceSubscriptions: ["a", "b"] });
  expect(wishes.remove({ toolsListChanged: true, resourceSubscriptions: ["a"] })).toBe(true);
  expect(wishes.remove({ resourceSubscriptions: ["b"] })).toBe(true);
  expect(wishes.filter).toEqual({ toolsListChanged: true });
  expect(wishes.remove({ toolsListChanged: true })).toBe(true);
  expect(wishes.filter).toBeUndefined();
});
