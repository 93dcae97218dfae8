import { programOf, type ServerModel, secretsOf } from "../components/model/index.ts";
import { amount, artifactOf, prettyDuration, transportOf } from "../components/views/words.ts";
import { type Fact, fact } from "./fact.ts";
import { resilienceFacts } from "./resilience-facts.ts";

/** What is so of a server, and what it is in a few words. */
export function serverFacts(server: ServerModel): { facts: Fact[]; summary: string } {
  const program = programOf(server);
  const { remote, offered, autoscale, resources, timeout } = server;
  const facts: Fact[] = [
    { fact: "transport", value: transportOf(server) },
    { fact: kindOfArtifact(server), value: artifactOf(server) },
    { fact: "how it is started", value: JSON.stringify({ ...program, args: undefined }), hidden: true },
    { fact: "arguments", value: JSON.stringify(program?.args ?? []), hidden: true },
    {
      fact: "address",
      value: JSON.stringify([remote?.url, server.http?.port, server.http?.path]),
      hidden: true,
    },
    { fact: "environment", value: Object.keys(server.env) },
    { fact: "values of its environment", value: JSON.stringify(sorted(server.env)), hidden: true },
    { fact: "headers", value: Object.keys(remote?.headers ?? {}) },
    { fact: "values of its headers", value: JSON.stringify(sorted(remote?.headers ?? {})), hidden: true },
    {
      fact: "secrets",
      value: secretsOf(server).map(
        ({ property, reference: { store, key } }) => `${store} / ${key} as ${property}`,
      ),
    },
    ...fact("authentication to it", remote && authenticationOf(remote)),
    ...fact("offered by", offered && `stack ${offered.stack}`),
    { fact: "replicas", value: String(server.replicas) },
    ...fact("autoscaling", autoscale && `up to ${autoscale.max} at ${autoscale.cpu * 100} % of processor`),
    { fact: "processor", value: resources.cpu },
    { fact: "memory", value: resources.memory },
    { fact: "keeps data", value: server.storage ? "yes" : "no" },
    { fact: "egress", value: server.egress },
    { fact: "tools", value: server.tools ?? ["all that it has"] },
    ...fact("timeout", timeout === undefined ? undefined : prettyDuration(timeout)),
    { fact: "time to start", value: prettyDuration(server.startTimeout) },
    ...resilienceFacts(server.resilience),
    { fact: "settings of tools", value: toolSettings(server) },
  ];
  const size = remote || offered ? "" : amount(server.replicas, "replica");
  return { facts, summary: [transportOf(server), artifactOf(server), size].filter(Boolean).join(", ") };
}

function kindOfArtifact(server: ServerModel): string {
  const program = programOf(server);
  if (server.remote) return "host";
  if (program?.package) return "package";
  return program?.image ? "image" : "command";
}

function authenticationOf({ auth, headers }: NonNullable<ServerModel["remote"]>): string {
  if (auth?.clientCredentials) return `client credentials of ${auth.clientCredentials.issuer}`;
  if (auth?.tokenExchange) return `the caller's token, exchanged at ${auth.tokenExchange.issuer}`;
  if (auth?.perUser) return `each user's own consent at ${auth.perUser.issuer}`;
  return Object.keys(headers).length > 0 ? "headers" : "none";
}

function toolSettings({ perTool }: ServerModel): string[] {
  return Object.entries(perTool).flatMap(([tool, { timeout, repeatable, limit }]) => [
    ...(timeout === undefined ? [] : [`${tool}: timeout ${prettyDuration(timeout)}`]),
    ...(repeatable === undefined ? [] : [`${tool}: ${repeatable ? "may" : "may not"} be repeated`]),
    ...(limit ? [`${tool}: ${limit.calls} calls in ${prettyDuration(limit.per)}`] : []),
  ]);
}

/** The order in which something is written makes no difference. */
function sorted(values: Record<string, unknown>): [string, unknown][] {
  return Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1));
}
