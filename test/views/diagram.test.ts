import { describe, expect, it } from "vitest";
import type { IntegrationModel } from "../../components/model/integration.ts";
import { diagram } from "../../components/views/diagram.ts";
import { fewOf, label } from "../../components/views/mermaid.ts";
import { exampleModel } from "../example-model.ts";

// Inside a label nothing but these marks and whole entities: no quote can end it, no bracket can open another.
const text = String.raw`(?:[\p{L}\p{N} .,/@_()+·…-]|#\d+;|<br/>)*`;
const id = "[a-z]+[0-9]*";
const lineForms = [
  /^flowchart LR$/,
  new RegExp(String.raw`^subgraph ${id}\["${text}"\]$`, "u"),
  /^end$/,
  new RegExp(String.raw`^${id}(?:\["${text}"\]|\("${text}"\)|\[\("${text}"\)\])$`, "u"),
  new RegExp(String.raw`^${id} (?:-->|-\.->)(?:\|"${text}"\|)? ${id}$`, "u"),
];

const linesOf = (model: IntegrationModel) =>
  diagram(model)
    .split("\n")
    .map((line) => line.trim());

/** Which of the forms each line has: the diagram's structure without its labels. */
const structure = (model: IntegrationModel) =>
  linesOf(model).map((line) => lineForms.findIndex((form) => form.test(line)));

describe("the diagram of an integration", () => {
  const lines = linesOf(exampleModel());

  it.each([
    ["a consumer with its scope", 'consumer0("support-agent<br/>scope support")'],
    [
      "the gateway and how callers are known",
      'gateway("edge<br/>127.0.0.1 port 7400<br/>token for every caller")',
    ],
    [
      "a server that keeps data",
      'server0[("notes<br/>stdio · 1 replica · keeps data<br/>npm#58;@modelcontextprotocol/server-filesystem@2026.8.31")]',
    ],
    [
      "a server's transport, replicas and artifact",
      'server1["github<br/>streamable HTTP · 2 replicas<br/>ghcr.io/github/github-mcp-server@sha256#58;0123456789ab…"]',
    ],
    ["a remote server by its host", 'server2["tickets<br/>remote HTTP<br/>tickets.example.com"]'],
    ["how much a consumer uses", 'consumer0 -->|"4 uses"| gateway'],
    ["which tools are used", 'gateway -->|"read_file, list_directory"| server0'],
    ["a secret by its name", 'secret0["vault / githubToken"]'],
    ["who takes a secret", 'secret0 -.->|"env.GITHUB_TOKEN"| server1'],
    ["alerting", 'alerting["alerts<br/>alerts after 2 min"]'],
    ["the smoke test", 'smoke -.->|"example calls"| gateway'],
  ])("shows %s", (_, line) => {
    expect(lines).toContain(line);
  });

  it("shows who stands in for whom, who shares calls, who signs tokens, and the gateway's own secrets", () => {
    const model = exampleModel();
    for (const [primary, name] of [
      ["github", "github-b"],
      ["tickets", "tickets-b"],
    ]) {
      const copy = model.servers.find((server) => server.name === primary);
      if (copy) model.servers.push({ ...copy, name: name ?? "" });
    }
    model.gateway.failover = [
      { primary: "github", standby: ["github-b"], mode: "standby" },
      { primary: "tickets", standby: ["tickets-b"], mode: "balanced" },
    ];
    model.gateway.auth = { mode: "jwt", issuers: [{ issuer: "https://login.example.com/tenant" }] };
    model.gateway.userTokens = { key: { store: "vault", key: "githubToken" } };
    const shown = linesOf(model);
    expect(shown).toEqual(
      expect.arrayContaining([
        'server1 -.->|"stands in"| server3',
        'server2 -.->|"shares its calls"| server4',
        'issuer0("login.example.com<br/>signs tokens")',
        'issuer0 -.->|"keys"| gateway',
        'gateway("edge<br/>127.0.0.1 port 7400<br/>signed token of every caller")',
        'secret0 -.->|"userTokens.key"| gateway',
      ]),
    );
    expect(shown.join("\n")).not.toMatch(/gateway --?-?>\|.*\| server[34]|tenant/);
  });

  it("puts each part into its trust boundary", () => {
    const groupOf = (part: string) => {
      const open: string[] = [];
      for (const line of lines.slice(
        0,
        lines.findIndex((other) => other.startsWith(part)),
      )) {
        const [, name] = /^subgraph (\w+)/.exec(line) ?? [];
        if (name !== undefined) open.push(name);
        if (line === "end") open.pop();
      }
      return open.join(" > ");
    };
    expect(
      Object.fromEntries(
        ["consumer0", "gateway", "server0", "server1", "server2", "secret0", "smoke"].map((part) => [
          part,
          groupOf(part),
        ]),
      ),
    ).toEqual({
      consumer0: "callers",
      gateway: "operated",
      server0: "operated",
      server1: "operated",
      server2: "others",
      secret0: "operated > secrets",
      smoke: "operated > watching",
    });
  });

  it("shows neither arguments nor a URL's path, where credentials may stand", () => {
    const model = exampleModel();
    for (const server of model.servers) {
      if (server.stdio) server.stdio.args = ["hidden-argument"];
      if (server.remote)
        server.remote.url = "https://user:hidden-word@tickets.example.com/hidden-path?key=hidden-key";
    }
    expect(diagram(model)).not.toContain("hidden");
  });

  it("marks a server that nobody uses", () => {
    const model = exampleModel();
    model.consumers = [];
    expect(linesOf(model)).toContain('gateway -.->|"used by nobody"| server0');
  });

  it("leaves out what is not declared", () => {
    const bare: IntegrationModel = {
      scope: "server",
      name: "bare",
      target: "local",
      servers: [],
      consumers: [],
      secrets: [],
    };
    expect(diagram(bare)).toBe("flowchart LR");
  });
});

describe("names can't break the diagram or put something into it", () => {
  it.each([
    "end",
    'a"] --> evil["x',
    "line\nend\nline",
    "a\r\nb\u2028c\u0000d",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    'click server0 href "javascript:alert(1)"',
    "%%{init: { 'securityLevel': 'loose' }}%%",
    "%% comment",
    "`code` **bold**",
    "#quot;",
    "style:#34;a;",
    "]})|",
    "```",
    "\u202ereversed",
    "🙂",
    "---\ntitle: x\n---",
  ])("%j", (hostile) => {
    const model = exampleModel();
    model.name = model.target = model.gateway.name = model.gateway.listen.host = hostile;
    model.alerting.name = model.smokeTest.name = hostile;
    for (const consumer of model.consumers) {
      consumer.name = hostile;
      consumer.identity.scope = hostile;
      for (const use of consumer.uses) if ("tool" in use) use.tool = hostile;
    }
    for (const server of model.servers) {
      for (const consumer of model.consumers)
        for (const use of consumer.uses) if (use.server === server.name) use.server = hostile;
      server.name = hostile;
      if (server.stdio) server.stdio = { command: hostile, args: [] };
      if (server.http) server.env = { [hostile]: { store: hostile, key: hostile } };
    }
    expect(structure(model)).toEqual(structure(exampleModel()));
    expect(structure(model)).not.toContain(-1);
  });

  it.each([
    ["plain words_1.2", "plain words_1.2"],
    ['"', "#34;"],
    ["#34;", "#35;34#59;"],
    ["a\n\tb", "a b"],
    ["Grüße, 世界", "Grüße, 世界"],
  ])("the label of %j is %s", (name, expected) => {
    expect(label(name)).toBe(expected);
  });
});

it.each([
  [[], ""],
  [["a", "b", "c"], "a, b, c"],
  [["a", "b", "c", "d"], "a, b, c, d"],
  [["a", "b", "c", "d", "e"], "a, b, c +2 more"],
])("of %j it names %s", (names, expected) => {
  expect(fewOf(names)).toBe(expected);
});
