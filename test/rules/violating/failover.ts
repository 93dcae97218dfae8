import {
  type Change,
  gateway,
  offered,
  promise,
  remoteOf,
  retries,
  server,
  withStandby,
} from "../changes.ts";

/** What violates each rule: in words, the change to an integration that keeps them all, and where the finding is. */
export const failover: Record<string, [string, Change, string][]> = {
  "stdio-single-replica": [
    [
      "a stdio server is scaled out",
      (model) => Object.assign(server(model, "notes"), { replicas: 2 }),
      "server notes: replicas",
    ],
    [
      "a stdio server is scaled out under load",
      (model) => Object.assign(server(model, "notes"), { autoscale: { max: 3, cpu: 0.7 } }),
      "server notes: autoscale.max",
    ],
  ],
  "session-single-replica": [
    [
      "a server with sessions is scaled out",
      (model) => Object.assign(server(model, "github").http ?? {}, { sessions: true }),
      "server github: replicas",
    ],
    [
      "a server with sessions is scaled out under load",
      (model) => {
        Object.assign(server(model, "github"), { replicas: 1, autoscale: { max: 3, cpu: 0.7 } });
        Object.assign(server(model, "github").http ?? {}, { sessions: true });
      },
      "server github: autoscale.max",
    ],
  ],
  "server-timeout": [
    [
      "neither server nor gateway says",
      (model) => Object.assign(gateway(model), { resilience: {} }),
      "server notes: timeout",
    ],
  ],
  "failover-members": [
    [
      "a primary is not there",
      (model) => withStandby(model, { primary: "ghost" }),
      "gateway edge: failover[0].primary",
    ],
    [
      "a standby is not there",
      (model) => withStandby(model, { standby: ["ghost"] }),
      "gateway edge: failover[0].standby[0]",
    ],
    [
      "a server stands in for itself",
      (model) => withStandby(model, { standby: ["github"] }),
      "gateway edge: failover[0].standby[0]",
    ],
    [
      "a server stands in twice",
      (model) => withStandby(model, { standby: ["github-standby", "github-standby"] }),
      "gateway edge: failover[0].standby[1]",
    ],
    [
      "a standby is a primary too",
      (model) => {
        withStandby(model);
        gateway(model).failover.push({ primary: "github-standby", standby: ["notes"], mode: "standby" });
      },
      "gateway edge: failover[1].primary",
    ],
  ],
  "failover-equivalent": [
    [
      "a standby lacks a tool of its primary",
      (model) => {
        withStandby(model);
        server(model, "github-standby").tools = ["search_code"];
      },
      "server github-standby: tools",
    ],
  ],
  "tool-timeout": [
    [
      "a tool has more time than its server",
      (model) => Object.assign(server(model, "github"), { perTool: { search_code: { timeout: 30_000 } } }),
      "server github: perTool.search_code.timeout",
    ],
  ],
  "retries-in-time": [
    [
      "pauses alone are as long as a call",
      (model) => Object.assign(server(model, "notes"), { timeout: 150 }),
      "server notes: resilience.retry",
    ],
    [
      "a server's own retries take longer than the gateway allows",
      (model) => {
        server(model, "notes").resilience = { retry: { attempts: 10, backoff: 1_000, maxBackoff: 5_000 } };
      },
      "server notes: resilience.retry",
    ],
  ],
  "concurrency-for-replicas": [
    [
      "fewer calls get through than there are replicas",
      (model) => Object.assign(server(model, "github"), { replicas: 65 }),
      "server github: resilience.concurrency.calls",
    ],
    [
      "fewer calls get through than there may be replicas under load",
      (model) => {
        server(model, "github").resilience = { concurrency: { calls: 2, queue: 0, wait: 1 } };
        server(model, "github").autoscale = { max: 3, cpu: 0.7 };
      },
      "server github: resilience.concurrency.calls",
    ],
  ],
  "several-instances": [
    ["one process keeps a promise", (model) => promise(model), "server notes: replicas"],
    ["one machine keeps a promise", (model) => promise(model), "gateway edge: replicas"],
    [
      "a gateway is told to be one",
      (model) => {
        promise(model);
        Object.assign(gateway(model), { replicas: 1 });
        Object.assign(model, { target: "kubernetes" });
      },
      "gateway edge: replicas",
    ],
  ],
  "failure-domains": [
    [
      "a standby starts the same program in the same way",
      (model) => withStandby(model),
      "gateway edge: failover[0].standby[0]",
    ],
    [
      "a standby is on the same host",
      (model) => {
        model.servers.push({ ...structuredClone(server(model, "tickets")), name: "tickets-standby" });
        gateway(model).failover.push({ primary: "tickets", standby: ["tickets-standby"], mode: "standby" });
      },
      "gateway edge: failover[0].standby[0]",
    ],
    [
      "one other stack runs both",
      (model) => {
        withStandby(model);
        for (const name of ["github", "github-standby"]) server(model, name).offered = offered;
      },
      "gateway edge: failover[0].standby[0]",
    ],
  ],
  "timeouts-nest": [
    [
      "a server has more time than callers have patience",
      (model) => Object.assign(server(model, "github"), { timeout: 90_000 }),
      "server github: timeout",
    ],
    [
      "a tool has more time than callers have patience",
      (model) => Object.assign(server(model, "notes"), { perTool: { read_file: { timeout: 61_000 } } }),
      "server notes: timeout",
    ],
    [
      "a call may wait for its turn as long as it has",
      (model) =>
        Object.assign(server(model, "notes"), {
          resilience: { concurrency: { calls: 1, queue: 5, wait: 10_000 } },
        }),
      "server notes: resilience.concurrency.wait",
    ],
    [
      "an objective is slower than the timeout",
      (model) => Object.assign(gateway(model).objectives ?? {}, { p95: 20_000 }),
      "gateway edge: objectives.p95",
    ],
    [
      "the smoke test ends before a call does",
      (model) => Object.assign(model.smokeTest ?? {}, { deadline: 15_000 }),
      "smoke test smoke: deadline",
    ],
  ],
  "repeatable-calls": [
    [
      "mail is sent twice",
      (model) => Object.assign(server(model, "notes"), { perTool: { sendMail: { repeatable: true } } }),
      "server notes: perTool.sendMail.repeatable",
    ],
  ],
  "attempts-bounded": [
    [
      "one server is tried nine times",
      (model) => Object.assign(server(model, "github"), { resilience: { retry: retries(9) } }),
      "server github: resilience.retry.attempts",
    ],
    [
      "each of two members is tried five times",
      (model) => {
        withStandby(model);
        Object.assign(server(model, "github"), { resilience: { retry: retries(5) } });
      },
      "server github: resilience.retry.attempts",
    ],
    [
      "a server is the gateway, by its public name",
      (model) => {
        gateway(model).publicUrl = "https://mcp.example.com/mcp";
        remoteOf(model).url = "https://mcp.example.com/mcp";
      },
      "server tickets: remote.url",
    ],
    [
      "a server is the gateway, on this machine",
      (model) => {
        remoteOf(model).url = "http://localhost:7400/mcp";
      },
      "server tickets: remote.url",
    ],
  ],
  "circuit-breaker": [
    [
      "a server has none",
      (model) => Object.assign(server(model, "notes"), { resilience: { circuitBreaker: false } }),
      "server notes: resilience.circuitBreaker",
    ],
    [
      "the gateway has none",
      (model) => Object.assign(gateway(model).resilience, { circuitBreaker: false }),
      "server tickets: resilience.circuitBreaker",
    ],
  ],
};
