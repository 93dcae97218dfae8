import type { Plan, PlannedProgram, PlannedServer } from "./plan.ts";
import { Code, literal, print, template } from "./print.ts";
import type { Settings, Text } from "./settings.ts";

/** How the program answers for itself until its owner says it better. */
export interface Defaults {
  /** Name of the integration. */
  name: string;
  /** Who answers for it. */
  owner: string;
}

/** What a program stands on when nobody has said how fast and how reliable is good enough. */
export const promises = {
  resilience: { timeout: "30s" },
  objectives: { availability: 0.99, p95: "5s" },
} as const;

/** What the integration is for, as far as a file of servers can tell. */
export const purposeOf = ({ servers }: Pick<Plan, "servers">): string =>
  `Gives our agents the tools of ${servers.map(({ name }) => name).join(", ")}`;

/** A whole program: everything from the target to the readiness gate. */
export function programText(plan: Plan, settings: Settings, { name, owner }: Defaults): string {
  const servers = plan.servers.map(({ identifier }) => new Code(identifier));
  const gateway = new Code("gateway");
  return paragraphs([
    imports(settings),
    origin(plan),
    [
      ...(usesConfig(settings) ? ["const config = new pulumi.Config();"] : []),
      declaration("target", targetOf(plan)),
    ].join("\n"),
    ...parts(plan, settings, name),
    component("gateway", "Gateway", "edge", { target, servers, consumers: [new Code("agent")], ...promises }),
    [
      component("smokeTest", "SmokeTest", "smoke", { gateway }),
      component("alerting", "Alerting", "alerts", { gateway, smokeTest: new Code("smokeTest") }),
    ].join("\n"),
    statement("Integration", name, {
      requirements: { purpose: purposeOf(plan), owner },
      gateway,
      alerting: new Code("alerting"),
      smokeTest: new Code("smokeTest"),
    }),
    "/** URL of the MCP endpoint. */\nexport const endpoint = gateway.endpoint;",
  ]);
}

/** A module beside a program: servers and their consumer, on the program's own target. */
export function moduleText(plan: Plan, settings: Settings, { name }: Defaults): string {
  const result = {
    servers: plan.servers.map(({ identifier }) => new Code(identifier)),
    consumers: [new Code("agent")],
  };
  const inside = [
    ...(usesConfig(settings) ? ["const config = new pulumi.Config();"] : []),
    ...parts(plan, settings, name),
    `return ${print(result, 0, "return ;".length)};`,
  ].join("\n\n");
  return paragraphs([
    imports(settings),
    `${origin(plan)}\nexport function imported(target: mcp.Target) {\n${inside.replace(/^(?=.)/gm, "  ")}\n}`,
  ]);
}

const target = new Code("target");

const paragraphs = (all: string[]) => `${all.filter(Boolean).join("\n\n")}\n`;

const usesConfig = ({ all }: Settings) => all.length > 0;

const imports = (settings: Settings) =>
  [
    ...(usesConfig(settings) ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
    'import * as mcp from "mcp-infra";',
  ].join("\n");

/** A file's name is another's text: it must not end the comment. */
const origin = ({ sources }: Plan) =>
  `// Written by \`npx mcp-infra import\` from ${sources.join(", ").replace(/\s+/g, " ")}; from here on it is yours.`;

const declaration = (name: string, { text }: Code) => `const ${name} = ${text};`;

const statement = (type: string, name: string, args: object) => {
  const head = `new mcp.${type}(${literal(name)}, `;
  return `${head}${print(args, 0, head.length + ");".length)});`;
};

function component(identifier: string, type: string, name: string, args: object): string {
  const head = `const ${identifier} = new mcp.${type}(${literal(name)}, `;
  return `${head}${print(args, 0, head.length + ");".length)});`;
}

function targetOf({ cluster, servers }: Plan): Code {
  if (!cluster) return new Code("mcp.local()");
  const packages = servers.flatMap(({ stdio, http }) => (stdio ?? http)?.package ?? []);
  const image = { reference: new Code(`config.require(${literal(cluster.image)})`), packages };
  return new Code(
    `mcp.kubernetes(${print({ namespace: cluster.namespace, image }, 0, "const target = mcp.kubernetes();".length)})`,
  );
}

/** What is the same in a program and in a module: the secrets, the servers, and who uses them. */
function parts(plan: Plan, settings: Settings, scope: string): string[] {
  return [
    secretsText(settings),
    ...plan.servers.map(serverText),
    component("agent", "Consumer", "agent", { identity: { scope }, uses: plan.servers.flatMap(uses) }),
  ].filter(Boolean);
}

function secretsText({ secrets }: Settings): string {
  const required = (key: string) => new Code(`config.requireSecret(${literal(key)})`);
  const values = Object.entries(secrets).map(([key, [only = "", ...others]]) => {
    if (typeof only !== "string" && others.length === 0) return [key, required(only.setting)];
    const made = template(
      [only, ...others].map((part) => (typeof part === "string" ? part : required(part.setting))),
    );
    return [key, new Code(`pulumi.interpolate${made.text}`)];
  });
  if (values.length === 0) return "";
  return component("secrets", "Secrets", "imported", { target, values: Object.fromEntries(values) });
}

function serverText({ name, identifier, stdio, http, remote, env }: PlannedServer): string {
  return component(identifier, "Server", name, {
    target,
    ...(stdio && { stdio: program(stdio) }),
    ...(http && { http: program(http) }),
    ...(remote && {
      remote: { url: expression(remote.url), headers: remote.headers && expressions(remote.headers) },
    }),
    ...(env && { env: expressions(env) }),
  });
}

const program = ({ command, args, ...rest }: PlannedProgram) => ({
  ...rest,
  ...(command !== undefined && { command: expression(command) }),
  ...(args && { args: args.map(expression) }),
});

const expressions = (texts: Record<string, Text>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, expression(text)]));

function expression(text: Text): string | Code {
  if (typeof text === "string") return text;
  if ("secret" in text) return new Code(`secrets.ref(${literal(text.secret)})`);
  const parts = text.parts.map((part) =>
    typeof part === "string" ? part : new Code(`config.require(${literal(part.setting)})`),
  );
  const [only, ...others] = parts;
  return only instanceof Code && others.length === 0 ? only : template(parts);
}

/** All tools that a server lists, the first that can be tried without harm with the call that tries it. */
function uses({ identifier, tools = [] }: PlannedServer): Code[] {
  const tried = tools.find(({ safe }) => safe);
  return tools.map((tool) => {
    const example = tool === tried ? ", { arguments: {} }" : "";
    return new Code(`${identifier}.tool(${literal(tool.name)}${example})`);
  });
}
