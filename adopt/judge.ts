import { userInfo } from "node:os";
import { faultsOf } from "../components/model/faults.ts";
import {
  alertingSchema,
  gatewaySchema,
  type IntegrationModel,
  requirementsSchema,
  secretStoreSchema,
  serverSchema,
  smokeTestSchema,
  type UseModel,
} from "../components/model/index.ts";
import type { Finding } from "../components/rules/finding.ts";
import { check } from "../components/rules/rule.ts";
import { capabilities } from "../components/targets/local/capabilities.ts";
import { type Readiness, readiness } from "../components/views/readiness.ts";
import type { Plan, PlannedServer } from "./plan.ts";
import { type Defaults, promises, purposeOf } from "./program.ts";
import type { Settings, Text } from "./settings.ts";

/** What the preview will say of the program that is written. */
export interface Judgement {
  readiness: Readiness;
  /** What refuses it beside the checklist. */
  findings: Finding[];
}

/** Who runs this, who answers for it as long as nobody else is named. */
export const defaultOwner = (): string => userInfo().username;

/** Judges what is planned by the rules and the checklist that judge every declaration. */
export function judge(plan: Plan, settings: Settings, defaults: Defaults): Judgement {
  const model = modelOf(plan, settings, defaults);
  const servers = plan.servers.map((server) => ({
    server,
    read: serverSchema.safeParse(described(server, settings)),
  }));
  const faults = servers.flatMap(({ server, read }) =>
    read.success
      ? []
      : faultsOf(serverSchema, read.error.issues, described(server, settings)).map(
          ({ path, reason }): Finding => ({
            rule: "declaration",
            path: `server ${server.name}: ${path}`,
            severity: "error",
            reason,
            remediation:
              "Correct the property; the doc comments of the component's arguments say what it takes.",
          }),
        ),
  );
  return {
    readiness: readiness(model),
    findings: [...faults, ...(model.target === "local" ? check(capabilities, model) : [])],
  };
}

function modelOf(plan: Plan, settings: Settings, { name, owner }: Defaults): IntegrationModel {
  const keys = Object.keys(settings.secrets);
  const uses = plan.servers.flatMap(({ name: server, tools = [] }): UseModel[] => {
    const tried = tools.find(({ safe }) => safe);
    return tools.map((tool) => ({ server, tool: tool.name, ...(tool === tried && { arguments: {} }) }));
  });
  const servers = plan.servers
    .map((server) => serverSchema.safeParse(described(server, settings)).data)
    .filter((server) => server !== undefined);
  return {
    scope: "integration",
    name,
    target: plan.cluster ? "kubernetes" : "local",
    servers,
    consumers: [{ name: "agent", identity: { scope: name }, uses }],
    secrets:
      keys.length > 0 ? [secretStoreSchema.parse({ name: "imported", given: keys, generated: [] })] : [],
    gateway: gatewaySchema.parse({ name: "edge", ...promises }),
    alerting: alertingSchema.parse({ name: "alerts" }),
    smokeTest: smokeTestSchema.parse({ name: "smoke" }),
    requirements: requirementsSchema.parse({ purpose: purposeOf(plan), owner }),
  };
}

function described({ name, stdio, http, remote, env }: PlannedServer, settings: Settings): unknown {
  const value = (text: Text) => {
    if (typeof text === "string") return text;
    return "secret" in text ? { store: "imported", key: text.secret } : (settings.valueOf(text) ?? "value");
  };
  const values = (texts: Record<string, Text>) =>
    Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, value(text)]));
  const program = stdio ?? http;
  const started = program && {
    ...program,
    ...(program.command !== undefined && { command: value(program.command) }),
    ...(program.args && { args: program.args.map(value) }),
  };
  return {
    name,
    ...(stdio && { stdio: started }),
    ...(http && { http: started }),
    ...(remote && {
      remote: { url: value(remote.url), ...(remote.headers && { headers: values(remote.headers) }) },
    }),
    ...(env && { env: values(env) }),
  };
}
