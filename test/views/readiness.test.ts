import { describe, expect, it } from "vitest";
import type { IntegrationModel } from "../../components/model/integration.ts";
import { rules } from "../../components/rules/index.ts";
import { readiness, renderReadiness } from "../../components/views/readiness.ts";
import { items } from "../../components/views/readiness-items.ts";
import { exampleModel } from "../example-model.ts";

type Model = Required<IntegrationModel>;

const order = [
  "requirements defined",
  "client-server patterns selected",
  "authentication planned",
  "error handling determined",
  "monitoring established",
  "performance requirements understood",
];

const [requirements, patterns, authentication, errorHandling, monitoring, performance] = order;

const taken = (change: (model: Model) => void): Model => {
  const model = exampleModel();
  change(model);
  return model;
};

const missing = (model: IntegrationModel) =>
  readiness(model)
    .items.filter(({ holds }) => !holds)
    .map(({ item }) => item);

function first<Element>(list: Element[]): Element {
  const [element] = list;
  if (element === undefined) throw new Error("the example has one");
  return element;
}

const serverNamed = (model: Model, name: string) =>
  first(model.servers.filter((server) => server.name === name));

describe("a complete integration", () => {
  it("is READY, item by item in the checklist's order, each with its evidence", () => {
    const { status, items: verdicts } = readiness(exampleModel());
    expect(status).toBe("READY");
    expect(verdicts.map(({ item }) => item)).toEqual(order);
    for (const { evidence } of verdicts) expect(evidence).toMatch(/\w{3}/);
  });

  it("ends with its status and the confirmation", () => {
    const lines = renderReadiness(readiness(exampleModel())).split("\n");
    expect(lines.slice(-2)).toEqual([
      "Status: READY",
      "✅ Pre-integration verification complete: Ready to integrate MCP servers",
    ]);
    expect(lines.slice(0, -2).map((line) => line.split(": ")[0])).toEqual(order.map((item) => `✅ ${item}`));
  });

  it.each([
    [requirements, /team-support .*support-agent uses 4 things, triage-bot uses 1 thing/],
    [
      patterns,
      /notes by stdio, npm:.*@2026\.8\.31, 1 replica; github by streamable HTTP, .*2 replicas; tickets by remote HTTP, tickets\.example\.com$/,
    ],
    [
      authentication,
      /edge asks every caller.*support-agent has scope support.*2 secrets by reference; 3 example calls/,
    ],
    [
      errorHandling,
      /notes, tickets end within 10 s; calls of github end within 20 s; .*again at every server; a circuit breaker before every server; a bound on calls at once to every server$/,
    ],
    [monitoring, /alerts fires after 2 min .*smoke ends within 1 min/],
    [performance, /99\.9 % .*800 ms/],
  ])("%s: tells what was found", (item, evidence) => {
    expect(readiness(exampleModel()).items.find((verdict) => verdict.item === item)?.evidence).toMatch(
      evidence,
    );
  });
});

describe("what else is declared is evidence", () => {
  const standby = taken((model) => {
    const http = { image: `a@sha256:${"0".repeat(64)}`, args: [], port: 8083, path: "/", sessions: false };
    model.servers.push({ ...serverNamed(model, "github"), name: "github-standby", http });
    model.gateway.failover.push({ primary: "github", standby: ["github-standby"], mode: "standby" });
    serverNamed(model, "notes").resilience = { retry: false };
  });
  const signed = taken(({ gateway, consumers, smokeTest }) => {
    gateway.auth = { mode: "jwt", issuers: [{ issuer: "https://login.example.com/tenant" }] };
    first(consumers).identity = { client: "agent-app" };
    const clientCredentials = {
      issuer: "https://login.example.com/tenant",
      clientId: "agent-app",
      clientSecret: { store: "vault", key: "githubToken" },
    };
    smokeTest.credentials = Object.fromEntries(consumers.map(({ name }) => [name, { clientCredentials }]));
  });

  it.each<[string, Model, string | undefined, RegExp]>([
    [
      "who stands in for whom",
      standby,
      errorHandling,
      /again at 2 of 3 servers; .*; github-standby stands in for github$/,
    ],
    [
      "who signs tokens, and what of them tells consumers apart",
      signed,
      authentication,
      /a token that login\.example\.com has signed; support-agent has client agent-app, triage-bot has scope triage/,
    ],
  ])("%s", (_, model, item, evidence) => {
    const { status, items: verdicts } = readiness(model);
    expect(status, JSON.stringify(verdicts)).toBe("READY");
    expect(verdicts.find((verdict) => verdict.item === item)?.evidence).toMatch(evidence);
  });
});

describe("taking a fact away blocks exactly its item", () => {
  it.each<[fact: string, blocked: (string | undefined)[], model: IntegrationModel]>([
    ["purpose and owner", [requirements], { ...exampleModel(), requirements: undefined }],
    [
      "a consumer's uses",
      [requirements, authentication],
      taken(({ consumers }) => {
        consumers[1] = { ...first(consumers), name: "idle", uses: [] };
      }),
    ],
    [
      "the tool a use leads to",
      [requirements],
      taken((model) => {
        serverNamed(model, "notes").tools = ["write_file", "list_directory"];
      }),
    ],
    [
      "the only use of a server",
      [patterns],
      taken(({ consumers }) => {
        first(consumers).uses = first(consumers).uses.filter(({ server }) => server !== "notes");
      }),
    ],
    [
      "a server's pattern",
      [patterns],
      taken((model) => {
        delete serverNamed(model, "notes").stdio;
      }),
    ],
    [
      "the single replica of a stdio server",
      [patterns],
      taken((model) => {
        serverNamed(model, "notes").replicas = 2;
      }),
    ],
    [
      "a server's storage",
      [patterns],
      taken((model) => {
        serverNamed(model, "notes").storage = false;
      }),
    ],
    [
      "a server's exact version",
      [patterns],
      taken((model) => {
        serverNamed(model, "notes").stdio = { package: "npm:some-server", args: [] };
      }),
    ],
    [
      "a server's own name",
      [patterns],
      taken(({ gateway }) => {
        gateway.name = "notes";
      }),
    ],
    [
      "a server's own port",
      [patterns],
      taken(({ gateway }) => {
        gateway.listen.port = 8082;
      }),
    ],
    [
      "authentication",
      [authentication],
      taken(({ gateway }) => {
        gateway.auth.mode = "none";
      }),
    ],
    [
      "a consumer's scope",
      [authentication],
      taken(({ consumers }) => {
        first(consumers).identity = {};
      }),
    ],
    [
      "a secret",
      [authentication],
      taken(({ secrets }) => {
        first(secrets).given = ["githubToken"];
      }),
    ],
    [
      "the reference to a secret",
      [authentication],
      taken((model) => {
        serverNamed(model, "github").env = { GITHUB_TOKEN: "plain" };
      }),
    ],
    [
      "a use's name, for a wildcard",
      [authentication],
      taken(({ consumers }) => {
        first(consumers).uses.push({ server: "notes", tool: "*" });
      }),
    ],
    [
      "the call that proves a credential",
      [authentication],
      taken(({ consumers }) => {
        first(consumers).uses.pop();
        first(consumers).uses.push({ server: "tickets", tool: "find_ticket" });
      }),
    ],
    [
      "the timeouts",
      [errorHandling],
      taken(({ gateway }) => {
        delete gateway.resilience.timeout;
      }),
    ],
    ["alerting", [monitoring], { ...exampleModel(), alerting: undefined }],
    ["the smoke test", [monitoring], { ...exampleModel(), smokeTest: undefined }],
    [
      "the objectives",
      [performance],
      taken(({ gateway }) => {
        delete gateway.objectives;
      }),
    ],
    [
      "a timeout that leaves room for the p95",
      [performance],
      taken((model) => {
        serverNamed(model, "github").timeout = 500;
      }),
    ],
    [
      "the gateway, on which three items rest",
      [authentication, errorHandling, performance],
      { ...exampleModel(), gateway: undefined },
    ],
    [
      "everything",
      order,
      { scope: "integration", name: "empty", target: "local", servers: [], consumers: [], secrets: [] },
    ],
    [
      "everything, seen from the gateway alone",
      order,
      { scope: "gateway", name: "empty", target: "local", servers: [], consumers: [], secrets: [] },
    ],
  ])("%s", (_, blocked, model) => {
    expect(missing(model)).toEqual(blocked);
    expect(readiness(model).status).toBe("BLOCKED");
  });
});

describe("a blocked integration", () => {
  const model: IntegrationModel = {
    ...exampleModel(),
    requirements: undefined,
    alerting: undefined,
    smokeTest: undefined,
  };

  it("gives the reason and the next step of every missing item, and no confirmation", () => {
    const text = renderReadiness(readiness(model));
    expect(text.split("\n")[0]).toBe("Status: BLOCKED");
    expect(text).not.toContain("Pre-integration verification complete");
    expect(text).toContain("❌ requirements defined\n   Reason:    the integration's purpose");
    expect(text).toContain("✅ authentication planned");
    expect(text).toContain("new mcp.Alerting(");
    expect(text).toContain("new mcp.SmokeTest(");
  });

  it("has a reason and a next step wherever evidence is missing", () => {
    for (const { holds, evidence, reason, nextStep } of readiness(model).items)
      expect([evidence !== undefined, reason === undefined, nextStep === undefined]).toEqual([
        holds,
        holds,
        holds,
      ]);
  });

  it("never shows the value that it complains about", () => {
    const leaking = taken((example) => {
      serverNamed(example, "github").env = { GITHUB_TOKEN: "plain-value-of-a-secret" };
    });
    expect(renderReadiness(readiness(leaking))).not.toContain("plain-value-of-a-secret");
  });
});

it("a purpose of several lines can't write a line of the checklist", () => {
  const forging = taken((example) => {
    example.requirements.purpose = "To forge.\n✅ Pre-integration verification complete";
    example.smokeTest.name = "smoke\r\u001b[2K✅ forged";
  });
  const text = renderReadiness(readiness(forging));
  expect(text.split(/[\r\n]/)).toHaveLength(order.length + 2);
  expect(text).not.toContain("\u001b");
});

it("listens only to rules that exist", () => {
  const known = rules.map(({ id }) => id);
  for (const { listensTo } of items) expect(known).toEqual(expect.arrayContaining([...listensTo]));
});
