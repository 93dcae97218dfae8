import { type Change, gateway, offered, promise, remoteOf, server, withStandby } from "../changes.ts";

/** What comes near to a violation and is none. */
export const failover: Record<string, [string, Change][]> = {
  "failover-members": [["one server stands in for another", (model) => withStandby(model)]],
  "failover-equivalent": [
    [
      "a standby says nothing of its tools",
      (model) => {
        withStandby(model);
        delete server(model, "github-standby").tools;
      },
    ],
  ],
  "retries-in-time": [
    [
      "a server that is not tried again has little time",
      (model) => Object.assign(server(model, "notes"), { timeout: 100, resilience: { retry: false } }),
    ],
  ],
  "concurrency-for-replicas": [
    [
      "nothing bounds the calls",
      (model) => Object.assign(server(model, "github"), { replicas: 65, resilience: { concurrency: false } }),
    ],
    [
      "several instances of the gateway let as many through together",
      (model) => {
        gateway(model).replicas = 2;
        Object.assign(server(model, "github"), { replicas: 65 });
      },
    ],
  ],
  "tool-timeout": [
    [
      "a slow tool has more time than the gateway gives to servers that say nothing",
      (model) => Object.assign(server(model, "notes"), { perTool: { read_file: { timeout: 60_000 } } }),
    ],
  ],
  "session-single-replica": [
    [
      "a server with sessions has one replica",
      (model) => {
        Object.assign(server(model, "github"), { replicas: 1 });
        Object.assign(server(model, "github").http ?? {}, { sessions: true });
      },
    ],
    [
      "a server without sessions scales under load",
      (model) => Object.assign(server(model, "github"), { autoscale: { max: 9, cpu: 0.7 } }),
    ],
  ],
  "server-timeout": [
    [
      "each server says for itself",
      (model) => {
        Object.assign(gateway(model), { resilience: {} });
        for (const each of model.servers) Object.assign(each, { timeout: 5_000 });
      },
    ],
  ],
  "several-instances": [
    [
      "each has replicas, grows or has a standby, or runs elsewhere",
      (model) => {
        promise(model);
        Object.assign(model, { target: "kubernetes" });
        Object.assign(server(model, "notes"), { autoscale: { max: 3, cpu: 0.7 } });
        Object.assign(server(model, "github"), { replicas: 1 });
        withStandby(model);
      },
    ],
    ["little is promised", (model) => promise(model, 0.99)],
  ],
  "failure-domains": [
    [
      "a standby is on another host",
      (model) => {
        const standby = { ...structuredClone(server(model, "tickets")), name: "tickets-us" };
        Object.assign(standby.remote ?? {}, { url: "https://us.example.com/mcp" });
        model.servers.push(standby);
        gateway(model).failover.push({ primary: "tickets", standby: ["tickets-us"], mode: "standby" });
      },
    ],
    [
      "a standby starts the program another way",
      (model) => {
        withStandby(model);
        Object.assign(server(model, "github-standby").http ?? {}, { args: ["--read-only"] });
      },
    ],
    [
      "another stack runs the standby",
      (model) => {
        withStandby(model);
        server(model, "github").offered = offered;
        server(model, "github-standby").offered = { ...offered, stack: "acme/notes/eu" };
      },
    ],
    ["a member that is not there is another rule's", (model) => withStandby(model, { standby: ["ghost"] })],
  ],
  "timeouts-nest": [
    [
      "nobody waits for a turn",
      (model) =>
        Object.assign(server(model, "notes"), {
          resilience: { concurrency: { calls: 1, queue: 0, wait: 60_000 } },
        }),
    ],
    ["no time is said at all, which is another rule's", (model) => delete gateway(model).resilience.timeout],
  ],
  "repeatable-calls": [
    [
      "a search may be repeated, and mail may not",
      (model) =>
        Object.assign(server(model, "notes"), {
          perTool: { search: { repeatable: true }, send_mail: { repeatable: false }, add: { timeout: 1 } },
        }),
    ],
  ],
  "attempts-bounded": [
    [
      "a group is not tried again",
      (model) => {
        withStandby(model);
        Object.assign(server(model, "github"), { resilience: { retry: false } });
      },
    ],
    [
      "another gateway is on this machine",
      (model) => {
        remoteOf(model).url = "http://localhost:7500/mcp";
        gateway(model).publicUrl = "https://mcp.example.com/mcp";
      },
    ],
  ],
  "circuit-breaker": [
    [
      "each server has one of its own",
      (model) => {
        Object.assign(gateway(model).resilience, { circuitBreaker: false });
        for (const each of model.servers)
          each.resilience = { circuitBreaker: { failures: 2, cooldown: 1000 } };
      },
    ],
    [
      "what only stands in has none",
      (model) => {
        withStandby(model);
        server(model, "github-standby").resilience = { circuitBreaker: false };
      },
    ],
  ],
};
