import { type ConsumerModel, hasExample } from "../model/consumer.ts";
import {
  exposedServers,
  type IntegrationModel,
  secretUses,
  standbysOf,
  timeoutOf,
} from "../model/integration.ts";
import { resilienceOf } from "../model/resilience.ts";
import { amount, artifactOf, prettyDuration, transportOf } from "./words.ts";

/** One thing that is missing: why it matters and what to do. */
export interface Gap {
  reason: string;
  nextStep: string;
}

/** One item of the checklist: the facts it asks for itself, and the rules whose findings count against it. */
export interface ReadinessItem {
  item: string;
  /** Ids of rules; what they check is not checked here again. */
  listensTo: readonly string[];
  gaps(model: IntegrationModel): Gap[];
  /** What was found, in words; asked for only when nothing is missing. */
  evidence(model: IntegrationModel): string;
}

const gapIf = (missing: boolean, reason: string, nextStep: string): Gap[] =>
  missing ? [{ reason, nextStep }] : [];

const noServers = ({ servers }: IntegrationModel): Gap[] =>
  gapIf(
    servers.length === 0,
    "no server is declared",
    "Declare new mcp.Server(…) and hand it to the gateway's servers.",
  );

/** The fact nobody else has: which consumer uses what, and that it leads somewhere. */
const requirements: ReadinessItem = {
  item: "requirements defined",
  listensTo: ["known-tools"],
  gaps: (model) => [
    ...gapIf(
      model.requirements === undefined,
      "the integration's purpose and owner are not declared: nobody can judge whether it serves",
      'Give the integration requirements: { purpose: "what it is for, in a sentence", owner: "the team that answers for it" }.',
    ),
    ...gapIf(
      model.consumers.length === 0,
      "no consumer is declared: nothing says which tools are needed",
      "Declare new mcp.Consumer(…) with the tools it uses and hand it to the gateway's consumers.",
    ),
    ...model.consumers.flatMap(({ name, uses }) =>
      gapIf(
        uses.length === 0,
        `consumer ${name} uses nothing`,
        `Name what consumer ${name} uses: uses: [server.tool("…")].`,
      ),
    ),
  ],
  evidence: ({ requirements, consumers }) =>
    `${requirements?.owner} answers for "${requirements?.purpose}"; ${consumers
      .map(({ name, uses }) => `${name} uses ${amount(uses.length, "thing")}`)
      .join(", ")}, each expected of a server`,
};

/** How each server is reached, and that somebody needs it. */
const patterns: ReadinessItem = {
  item: "client-server patterns selected",
  listensTo: [
    "stdio-single-replica",
    "session-single-replica",
    "offered-in-reach",
    "storage-declared",
    "distinct-names",
    "distinct-ports",
    "pinned-artifacts",
  ],
  gaps: (model) => [
    ...noServers(model),
    ...model.servers.flatMap(({ name, stdio, http, remote }) =>
      gapIf(
        [stdio, http, remote].filter((pattern) => pattern !== undefined).length !== 1,
        `server ${name} has not exactly one pattern`,
        `Say how server ${name} is reached: exactly one of stdio, http and remote.`,
      ),
    ),
    ...exposedServers(model).flatMap(({ name }) =>
      gapIf(
        !model.consumers.some(({ uses }) => uses.some(({ server }) => server === name)),
        `server ${name} is used by no consumer`,
        `Add what a consumer uses of server ${name} to its uses, or take the server away.`,
      ),
    ),
  ],
  evidence: ({ servers }) =>
    servers
      .map((server) =>
        [`${server.name} by ${transportOf(server)}`, artifactOf(server), amount(server.replicas, "replica")]
          .slice(0, server.remote ? 2 : 3)
          .concat(server.offered ? [`run by stack ${server.offered.stack}`] : [])
          .join(", "),
      )
      .join("; "),
};

/** Who may call, and that the credentials work. */
const authentication: ReadinessItem = {
  item: "authentication planned",
  listensTo: [
    "gateway-authentication",
    "secrets-by-reference",
    "known-secrets",
    "no-wildcard-access",
    "smoke-proves-credentials",
    "consumers-told-apart",
    "token-audience",
    "token-exchange",
    "per-user-authorization",
  ],
  gaps: ({ gateway, consumers }) => [
    ...gapIf(
      gateway === undefined,
      "no gateway is declared: nothing asks callers who they are",
      "Declare new mcp.Gateway(…) with the servers and consumers.",
    ),
    ...gapIf(
      gateway?.auth.mode === "none",
      `gateway ${gateway?.name} lets everybody call: auth.mode is "none"`,
      'Set auth: { mode: "tokens" }, the default, or auth: { issuers: […] }.',
    ),
    ...consumers.flatMap(({ name, identity }) =>
      gapIf(
        (identity.scope ?? identity.client) === undefined,
        `consumer ${name} has no identity.scope: its access can't be told from others'`,
        `Set identity: { scope: "…" } of consumer ${name}.`,
      ),
    ),
  ],
  evidence(model) {
    const { gateway, consumers } = model;
    const secrets = secretUses(model).length;
    const issuers = gateway?.auth.issuers.map(({ issuer }) => new URL(issuer).host).join(", ");
    const examples = consumers.flatMap(({ uses }) => uses.filter(hasExample)).length;
    return [
      `gateway ${gateway?.name} asks every caller for a token${issuers ? ` that ${issuers} has signed` : ""}`,
      consumers.map(({ name, identity }) => `${name} has ${identityInWords(identity)}`).join(", "),
      `${amount(secrets, "secret")} by reference`,
      `${amount(examples, "example call")} to prove credentials`,
      "no wildcard",
    ].join("; ");
  },
};

const identityInWords = ({ scope, client }: ConsumerModel["identity"]) =>
  [scope && `scope ${scope}`, client && `client ${client}`].filter(Boolean).join(" and ");

/** What is done about failures of those servers that callers know, and how many of them it is done for. */
function protections(model: IntegrationModel): string[] {
  const servers = exposedServers(model);
  const all = servers.map((server) => resilienceOf(server, model));
  const share = (protects: (each: (typeof all)[number]) => unknown) => {
    const count = all.filter(protects).length;
    return count === servers.length ? "every server" : `${count} of ${amount(servers.length, "server")}`;
  };
  return [
    `what may be repeated is tried again at ${share(({ retry }) => retry)}`,
    `a circuit breaker before ${share(({ circuitBreaker }) => circuitBreaker)}`,
    `a bound on calls at once to ${share(({ concurrency }) => concurrency)}`,
    ...[...standbysOf(model)].map(([standby, primary]) => `${standby} stands in for ${primary}`),
  ];
}

/** That a fault ends: no call waits for ever, and what is done about it is known. */
const errorHandling: ReadinessItem = {
  item: "error handling determined",
  listensTo: [
    "server-timeout",
    "tool-timeout",
    "known-tool-settings",
    "failover-members",
    "failover-equivalent",
  ],
  gaps: noServers,
  evidence(model) {
    const byTimeout = Map.groupBy(exposedServers(model), (server) => timeoutOf(server, model) ?? 0);
    const ends = [...byTimeout].map(([timeout, servers]) => {
      const names = servers.map(({ name }) => name).join(", ");
      return `calls of ${names} end within ${prettyDuration(timeout)}`;
    });
    return [...ends, ...protections(model)].join("; ");
  },
};

/** That somebody hears of a fault, and that the whole is tried. */
const monitoring: ReadinessItem = {
  item: "monitoring established",
  listensTo: ["alerting-declared", "smoke-credentials"],
  gaps: ({ smokeTest }) =>
    gapIf(
      smokeTest === undefined,
      "no smoke test is declared: nothing proves that the live stack serves its consumers",
      'Declare new mcp.SmokeTest("smoke", { gateway }) and hand it to the integration.',
    ),
  evidence: ({ alerting, smokeTest }) =>
    `${alerting?.name} fires after ${prettyDuration(alerting?.after ?? 0)} of a fault; smoke test ${smokeTest?.name} ends within ${prettyDuration(smokeTest?.deadline ?? 0)}`,
};

/** What good means, and that no timeout contradicts it. */
const performance: ReadinessItem = {
  item: "performance requirements understood",
  listensTo: [],
  gaps(model) {
    const objectives = model.gateway?.objectives;
    if (!objectives)
      return [
        {
          reason: "no objectives are declared: nothing says how fast and how reliable is good enough",
          nextStep: 'Set objectives: { availability: 0.999, p95: "800ms" } of the gateway.',
        },
      ];
    return model.servers.flatMap((server) => {
      const timeout = timeoutOf(server, model);
      return gapIf(
        timeout !== undefined && timeout < objectives.p95,
        `server ${server.name} times out after ${prettyDuration(timeout ?? 0)}, before the p95 objective of ${prettyDuration(objectives.p95)}: calls within the objective would fail`,
        `Raise the timeout of server ${server.name}, or lower the p95 objective.`,
      );
    });
  },
  evidence: ({ gateway }) =>
    `${Number(((gateway?.objectives?.availability ?? 0) * 100).toPrecision(6))} % of calls without error, 95 % within ${prettyDuration(gateway?.objectives?.p95 ?? 0)}; no timeout is shorter`,
};

/** The checklist, in its order. */
export const items: readonly ReadinessItem[] = [
  requirements,
  patterns,
  authentication,
  errorHandling,
  monitoring,
  performance,
];
