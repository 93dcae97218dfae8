import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, expect, test } from "vitest";
import {
  callMessage,
  consumer,
  Fixture,
  program,
  type RpcAnswer,
  rawServer,
  tools,
  until,
} from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());

const authorization = "Bearer agent-token";

/** One request on a connection of the agent's. */
function send(
  agent: http.Agent,
  url: string,
  body?: unknown,
  headers = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      method: body === undefined ? "GET" : "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        authorization,
        ...headers,
      },
    };
    const request = http.request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on("error", reject);
    });
    request.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Many callers without a pause, on kept connections, until they are stopped or find nobody there. */
function hammer(origin: string, tool: string, callers: number) {
  const agent = new http.Agent({ keepAlive: true });
  const answers: RpcAnswer[] = [];
  const failures: string[] = [];
  let stopped = false;
  const one = async (caller: number) => {
    while (!stopped) {
      try {
        const { body } = await send(agent, `${origin}/mcp`, callMessage(tool));
        answers.push(JSON.parse(body));
      } catch (error) {
        failures.push((error as NodeJS.ErrnoException).code ?? String(error));
        return;
      }
      // Some think for a while: their connections are idle when the end comes.
      if (caller % 3 === 0) await new Promise((done) => setTimeout(done, Math.random() * 60));
    }
  };
  const done = Promise.all(Array.from({ length: callers }, (_, caller) => one(caller))).finally(() =>
    agent.destroy(),
  );
  const stop = () => {
    stopped = true;
    return done;
  };
  return { answers, failures, done, stop };
}

const textOf = (answer: RpcAnswer) => answer.result?.content?.[0]?.text;

test("a gateway under load that is told to end answers all it took; others find nobody there", async () => {
  const raw = fixture.run(rawServer("http"));
  const { port } = await raw.logged("listening");
  const gateway = await fixture.gateway({
    servers: [{ name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 5000 }],
    consumers: [consumer("agent", { tools: tools("raw") })],
  });
  const load = hammer(gateway.origin, "raw__pid", 24);
  await until(() => load.answers.length > 500);
  gateway.signal("SIGTERM");
  await load.done;
  expect(new Set(load.failures)).toEqual(new Set(["ECONNREFUSED"]));
  expect(load.answers.filter((answer) => textOf(answer) === undefined)).toEqual([]);
  expect([await gateway.exit, gateway.stderr()]).toEqual([0, ""]);
});

test("so does a bridge", async () => {
  const listen = ["--name", "raw", "--listen", "127.0.0.1:0", "--drain", "8000"];
  const bridge = fixture.run(program("bridge", ...listen, "--", ...rawServer("stdio")));
  const { port } = await bridge.logged("listening");
  const load = hammer(`http://127.0.0.1:${port}`, "pid", 24);
  await until(() => load.answers.length > 500);
  bridge.signal("SIGTERM");
  await load.done;
  expect(new Set(load.failures)).toEqual(new Set(["ECONNREFUSED"]));
  expect(load.answers.filter((answer) => textOf(answer) === undefined)).toEqual([]);
  expect(await bridge.exit).toBe(0);
});

test("while it ends, a gateway is alive and not ready, says that each answer is the last, and keeps to its time", async () => {
  const raw = fixture.run(rawServer("http"));
  const { port } = await raw.logged("listening");
  const gateway = await fixture.gateway(
    {
      servers: [{ name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 60_000 }],
      consumers: [consumer("agent", { tools: tools("raw") })],
    },
    {},
    ["--drain", "1500"],
  );
  const agents = [1, 2, 3].map(() => new http.Agent({ keepAlive: true }));
  const [one, two, three] = agents as [http.Agent, http.Agent, http.Agent];
  for (const agent of agents) {
    expect(await send(agent, `${gateway.origin}/live`)).toEqual({ status: 200, body: '{"status":"ok"}' });
  }
  const slow = send(one, `${gateway.origin}/mcp`, callMessage("raw__slow", { ms: 50_000 })).catch(
    (error: NodeJS.ErrnoException) => error.code,
  );
  const started = performance.now();
  gateway.signal("SIGTERM");
  await gateway.logged("stopping");
  expect(await send(two, `${gateway.origin}/health`)).toMatchObject({
    status: 503,
    body: expect.stringContaining('"status":"draining"'),
  });
  expect((await send(three, `${gateway.origin}/live`)).status).toBe(200);
  await expect(send(two, `${gateway.origin}/live`)).rejects.toThrow("ECONNREFUSED");
  expect([await gateway.exit, gateway.stderr()]).toEqual([0, ""]);
  expect(performance.now() - started).toBeLessThan(4000);
  expect(await slow).toBe("ECONNRESET");
  for (const agent of agents) agent.destroy();
});

/** As a Kubernetes Service is: each new connection goes to the present pod, those there are stay where they are. */
async function service(first: number) {
  const open = new Map<number, number>();
  let present = first;
  const server = net.createServer((incoming) => {
    const port = present;
    const count = (change: number) => open.set(port, (open.get(port) ?? 0) + change);
    count(1);
    const outgoing = net.connect(port, "127.0.0.1");
    incoming.pipe(outgoing).pipe(incoming);
    incoming.once("close", () => count(-1));
    for (const socket of [incoming, outgoing]) {
      socket.on("error", () => {
        incoming.destroy();
        outgoing.destroy();
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    connectionsTo: (pod: number) => open.get(pod) ?? 0,
    switchTo(pod: number) {
      present = pod;
    },
    close: () => server.close(),
  };
}

test("a server's pod is replaced, with its sessions, and no call is lost", async () => {
  const pods = [fixture.run(rawServer("http-session")), fixture.run(rawServer("http-session"))];
  const [first = 0, second = 0] = await Promise.all(
    pods.map(async (pod) => Number((await pod.logged("listening")).port)),
  );
  const raw = await service(first);
  const gateway = await fixture.gateway({
    servers: [{ name: "raw", url: raw.url, timeoutMs: 5000 }],
    consumers: [consumer("agent", { tools: tools("raw") })],
  });
  const load = hammer(gateway.origin, "raw__pid", 6);
  await until(() => load.answers.length > 200);
  raw.switchTo(second);
  // More callers need more connections, and those lead to the successor, which knows no session.
  const more = hammer(gateway.origin, "raw__pid", 12);
  await until(() => more.answers.some((answer) => textOf(answer) === String(pods[1]?.pid)));
  await until(() => raw.connectionsTo(first) === 0);
  pods[0]?.signal("SIGKILL");
  const before = load.answers.length;
  await until(() => load.answers.length > before + 200);
  await Promise.all([load.stop(), more.stop()]);
  expect([...load.failures, ...more.failures]).toEqual([]);
  const answers = [...load.answers, ...more.answers];
  expect(answers.filter((answer) => textOf(answer) === undefined)).toEqual([]);
  expect(new Set(answers.map(textOf))).toEqual(new Set(pods.map(({ pid }) => String(pid))));
  raw.close();
});

test("connections to a server are retired while they are in use, so that none stays with a pod that leaves", async () => {
  const pods = [fixture.run(rawServer("http")), fixture.run(rawServer("http"))];
  const [first = 0, second = 0] = await Promise.all(
    pods.map(async (pod) => Number((await pod.logged("listening")).port)),
  );
  const raw = await service(first);
  const gateway = await fixture.gateway({
    servers: [{ name: "raw", url: raw.url, timeoutMs: 20_000 }],
    consumers: [consumer("agent", { tools: tools("raw") })],
  });
  const agent = new http.Agent({ keepAlive: true });
  const slow = send(agent, `${gateway.origin}/mcp`, callMessage("raw__slow", { ms: 7000 }));
  const load = hammer(gateway.origin, "raw__pid", 8);
  await until(() => load.answers.length > 200);
  raw.switchTo(second);
  await until(() => raw.connectionsTo(first) === 1); // the slow call, which has the connection to its end
  expect(textOf(JSON.parse((await slow).body))).toBe('"done"');
  await until(() => raw.connectionsTo(first) === 0);
  await load.stop();
  agent.destroy();
  expect(load.failures).toEqual([]);
  expect(load.answers.filter((answer) => textOf(answer) === undefined)).toEqual([]);
  raw.close();
});

test("a refused connection is waited out, for a moment; a server that stays away is not waited for", async () => {
  const first = fixture.run(rawServer("http"));
  const { port } = await first.logged("listening");
  const gateway = await fixture.gateway({
    servers: [{ name: "raw", url: `http://127.0.0.1:${port}/mcp`, timeoutMs: 10_000 }],
    consumers: [consumer("agent", { tools: tools("raw") })],
  });
  const agent = new http.Agent();
  const call = async (): Promise<RpcAnswer> =>
    JSON.parse((await send(agent, `${gateway.origin}/mcp`, callMessage("raw__pid"))).body);
  expect(textOf(await call())).toBe(String(first.pid));
  first.signal("SIGKILL");
  await first.exit;
  const meanwhile = Promise.all([call(), call(), call()]);
  const second = fixture.run(rawServer("http", String(port)));
  for (const answer of await meanwhile) expect(textOf(answer)).toBe(String(second.pid));
  second.signal("SIGKILL");
  await second.exit;
  const refused = 'Server "raw" is unavailable: nothing listens there (connection refused)';
  expect((await call()).error?.message).toBe(refused);
  const started = performance.now();
  expect((await call()).error?.message).toBe(refused);
  expect(performance.now() - started).toBeLessThan(500);
});

test("a kubelet asks by the pod's address; a web page can't call by a name of its own", async () => {
  const gateway = await fixture.gateway({ allowedHosts: ["edge.support.svc"] });
  const agent = new http.Agent();
  const ask = async (path: string, host: string, body?: unknown) =>
    (await send(agent, `${gateway.origin}${path}`, body, { host })).status;
  for (const path of ["/live", "/health", "/metrics"]) {
    expect(await ask(path, "10.244.0.7:8080")).toBe(200);
    expect(await ask(path, "[fd00::7]:8080")).toBe(200);
    expect(await ask(path, "evil.example.com")).toBe(403);
    expect(await ask(path, "10.244.0.7.evil.example.com")).toBe(403);
  }
  expect(await ask("/mcp", "10.244.0.7:8080", callMessage("raw__pid"))).toBe(403);
  expect(await ask("/mcp", "edge.support.svc:8080", callMessage("raw__pid"))).not.toBe(403);
});
