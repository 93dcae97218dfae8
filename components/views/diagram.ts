import type { UseModel } from "../model/consumer.ts";
import { secretsOfGateway } from "../model/gateway.ts";
import { type IntegrationModel, standbysOf } from "../model/integration.ts";
import type { SecretReference } from "../model/secret-reference.ts";
import { secretsOf } from "../model/server.ts";
import { edge, fewOf, node, subgraph } from "./mermaid.ts";
import { amount, artifactOf, prettyDuration, transportOf } from "./words.ts";

/** Ids of nodes by position, so that no name, however hostile, is ever read as syntax. */
const consumerId = (index: number) => `consumer${index}`;
const serverId = (index: number) => `server${index}`;
const gatewayId = "gateway";

const nameOf = (use: UseModel) =>
  "tool" in use ? use.tool : "prompt" in use ? `prompt ${use.prompt}` : `resource ${use.resource}`;

const usesOf = ({ consumers }: IntegrationModel, server: string) => [
  ...new Set(consumers.flatMap(({ uses }) => uses.filter((use) => use.server === server).map(nameOf))),
];

function consumerNodes({ consumers }: IntegrationModel): string[] {
  return consumers.map(({ name, identity: { scope, client } }, index) =>
    node(consumerId(index), "round", [name, scope ? `scope ${scope}` : "", client ? `client ${client}` : ""]),
  );
}

/** What callers are asked for, in words. */
const askedFor = {
  none: "no authentication",
  tokens: "token for every caller",
  jwt: "signed token of every caller",
};

function gatewayNodes({ gateway }: IntegrationModel): string[] {
  if (!gateway) return [];
  const { name, listen, auth } = gateway;
  return [node(gatewayId, "round", [name, `${listen.host} port ${listen.port}`, askedFor[auth.mode]])];
}

/** Who signs the tokens of callers: whom the gateway trusts with all access. */
function issuerParts({ gateway }: IntegrationModel): { nodes: string[]; edges: string[] } {
  const hosts = [...new Set((gateway?.auth.issuers ?? []).map(({ issuer }) => new URL(issuer).host))];
  return {
    nodes: hosts.map((host, index) => node(`issuer${index}`, "round", [host, "signs tokens"])),
    edges: hosts.map((_, index) => edge(`issuer${index}`, gatewayId, "keys", "dotted")),
  };
}

/** Nodes of the servers that we run, or of those that others run. */
function serverNodes({ servers }: IntegrationModel, where: "here" | "elsewhere"): string[] {
  return servers.flatMap((server, index) => {
    const { offered } = server;
    if ((server.remote !== undefined || offered !== undefined) !== (where === "elsewhere")) return [];
    const size = server.remote ? "" : amount(server.replicas, "replica");
    const storage = server.storage ? "keeps data" : "";
    return [
      node(serverId(index), server.storage ? "store" : "box", [
        server.name,
        [transportOf(server), size, storage].filter((word) => word !== "").join(" · "),
        artifactOf(server),
        offered ? `stack ${offered.stack}` : "",
      ]),
    ];
  });
}

/** Each secret once, by its store and key, with those that take it. */
function secretParts({ servers, gateway }: IntegrationModel): { nodes: string[]; edges: string[] } {
  const takenBy = (edgeTo: string) => (use: { property: string; reference: SecretReference }) => ({
    name: `${use.reference.store} / ${use.reference.key}`,
    property: use.property,
    edgeTo,
  });
  const taken = [
    ...servers.flatMap((server, index) => secretsOf(server).map(takenBy(serverId(index)))),
    ...secretsOfGateway(gateway).map(takenBy(gatewayId)),
  ];
  const names = [...new Set(taken.map(({ name }) => name))];
  return {
    nodes: names.map((name, index) => node(`secret${index}`, "box", [name])),
    edges: taken.map(({ name, edgeTo, property }) =>
      edge(`secret${names.indexOf(name)}`, edgeTo, property, "dotted"),
    ),
  };
}

function watchingNodes({ alerting, smokeTest }: IntegrationModel): string[] {
  return [
    ...(alerting
      ? [node("alerting", "box", [alerting.name, `alerts after ${prettyDuration(alerting.after)}`])]
      : []),
    ...(smokeTest
      ? [node("smoke", "box", [smokeTest.name, `smoke test within ${prettyDuration(smokeTest.deadline)}`])]
      : []),
  ];
}

/** Calls, from consumers through the gateway; without one nothing is known to connect them. */
function callEdges(model: IntegrationModel): string[] {
  if (!model.gateway) return [];
  const { servers } = model;
  const standbys = standbysOf(model);
  return [
    ...model.consumers.map(({ uses }, index) =>
      edge(consumerId(index), gatewayId, amount(uses.length, "use")),
    ),
    ...servers.map(({ name }, index) => {
      const primary = servers.findIndex((server) => server.name === standbys.get(name));
      if (primary >= 0) return edge(serverId(primary), serverId(index), standInWords(model, name), "dotted");
      const used = usesOf(model, name);
      return edge(
        gatewayId,
        serverId(index),
        used.length === 0 ? "used by nobody" : fewOf(used),
        used.length === 0 ? "dotted" : "solid",
      );
    }),
  ];
}

function standInWords({ gateway }: IntegrationModel, standby: string): string {
  const group = gateway?.failover.find((each) => each.standby.includes(standby));
  return group?.mode === "balanced" ? "shares its calls" : "stands in";
}

function watchingEdges({ gateway, alerting, smokeTest }: IntegrationModel): string[] {
  if (!gateway) return [];
  return [
    ...(alerting ? [edge("alerting", gatewayId, "metrics", "dotted")] : []),
    ...(smokeTest ? [edge("smoke", gatewayId, "example calls", "dotted")] : []),
  ];
}

/**
 * A Mermaid flowchart of an integration: consumers, gateway and servers in their trust boundaries, the tools used
 * between them, secrets by name only, alerting and smoke test.
 */
export function diagram(model: IntegrationModel): string {
  const secrets = secretParts(model);
  const issuers = issuerParts(model);
  const content = [
    ...subgraph("callers", "Callers", consumerNodes(model)),
    ...subgraph("operated", `Run by us, target ${model.target}`, [
      ...gatewayNodes(model),
      ...serverNodes(model, "here"),
      ...subgraph("secrets", "Secrets, by name", secrets.nodes),
      ...subgraph("watching", "Watching", watchingNodes(model)),
    ]),
    ...subgraph("others", "Run by others", [...serverNodes(model, "elsewhere"), ...issuers.nodes]),
    ...callEdges(model),
    ...issuers.edges,
    ...secrets.edges,
    ...watchingEdges(model),
  ];
  return ["flowchart LR", ...content.map((line) => `  ${line}`)].join("\n");
}
