import { LRUCache } from "lru-cache";
import { ANYONE } from "./authentication/authenticator.ts";
import type { GatewayConfig } from "./config.ts";

/** What clients see in front of a tool's or prompt's own name: `server__name`. */
const SEPARATOR = "__";

/** The name that clients see. */
export function qualified(server: string, name: string): string {
  return `${server}${SEPARATOR}${name}`;
}

/** The reverse of {@link qualified}: server names have no underscore, so the first separator is the one. */
export function unqualified(name: string): { server: string; name: string } | undefined {
  const at = name.indexOf(SEPARATOR);
  return at > 0 ? { server: name.slice(0, at), name: name.slice(at + SEPARATOR.length) } : undefined;
}

/** What one caller may see and call. Everything else is denied. */
export interface Grants {
  /** Name in logs and metrics; of several consumers the first, as declared. */
  consumer: string;
  /** The consumers that have a tool, as declared. */
  holders(server: string, tool: string): readonly string[];
  /** The consumer that a call counts as: the first that has the tool. */
  callerOf(server: string, tool: string): string;
  tool(server: string, name: string): boolean;
  prompt(server: string, name: string): boolean;
  /** The grant that covers a URI: an exact one first, then the longest prefix. */
  resource(uri: string): ResourceGrant | undefined;
  /** Whether this server's resource with this URI is granted, and would be read from this server. */
  resourceOf(server: string, uri: string): boolean;
  /** Whether a granted prefix covers the literal start of a URI template. */
  template(server: string, uriTemplate: string): boolean;
  /** The servers with something of this kind for the caller, in the configuration's order. */
  servers(kind: "tools" | "prompts" | "resources"): readonly string[];
}

/** One granted URI, or prefix of URIs when it ends in "/". */
export interface ResourceGrant {
  server: string;
  uri: string;
}

/** The grants of every consumer, and of {@link ANYONE}: what all consumers together have. */
export function grantsByConsumer(config: GatewayConfig): ReadonlyMap<string, Grants> {
  const all = new Map(config.consumers.map((consumer) => [consumer.name, grantsOf(config, [consumer])]));
  if (config.auth === "none") all.set(ANYONE, grantsOf(config, config.consumers, ANYONE));
  return all;
}

/** How many sets of consumers are remembered: callers choose the scopes of their tokens, so there may be many. */
const SETS = 1000;

/** Finds the grants of one consumer, or of several together; `undefined` for none. */
export function grantsFor(config: GatewayConfig): (consumers: readonly string[]) => Grants | undefined {
  const single = grantsByConsumer(config);
  const several = new LRUCache<string, Grants>({ max: SETS });
  return (consumers) => {
    if (consumers.length < 2) return single.get(consumers[0] ?? "");
    const key = JSON.stringify(consumers);
    const known = several.get(key);
    if (known) return known;
    const grants = grantsOf(
      config,
      config.consumers.filter(({ name }) => consumers.includes(name)),
    );
    several.set(key, grants);
    return grants;
  };
}

type Consumer = GatewayConfig["consumers"][number];

function grantsOf(
  config: GatewayConfig,
  consumers: readonly Consumer[],
  name = consumers[0]?.name ?? ANYONE,
): Grants {
  const tools = named(consumers.flatMap((consumer) => consumer.tools));
  const prompts = named(consumers.flatMap((consumer) => consumer.prompts));
  const resources = consumers.flatMap((consumer) => consumer.resources);
  const exposed = new Map(
    config.servers.map((server) => [server.name, server.tools && new Set(server.tools)]),
  );
  const has = (grants: Map<string, Set<string>>, server: string, item: string) => {
    const names = grants.get(server);
    return names !== undefined && (names.has("*") || names.has(item));
  };
  const exposes = (server: string, tool: string) => exposed.get(server)?.has(tool) ?? exposed.has(server);
  const toolsOf = consumers.map((consumer) => [consumer.name, named(consumer.tools)] as const);
  const holders = (server: string, tool: string) => {
    if (!exposes(server, tool)) return [];
    return toolsOf.flatMap(([consumer, tools]) => (has(tools, server, tool) ? consumer : []));
  };
  const resource = (uri: string) => covering(resources, uri);
  const servers = {
    tools: config.servers.map((server) => server.name).filter((server) => tools.has(server)),
    prompts: config.servers.map((server) => server.name).filter((server) => prompts.has(server)),
    resources: config.servers
      .map((server) => server.name)
      .filter((server) => resources.some((grant) => grant.server === server)),
  };
  return {
    consumer: name,
    holders,
    callerOf: (server, tool) => (name !== ANYONE && consumers.length > 1 && holders(server, tool)[0]) || name,
    tool: (server, tool) => has(tools, server, tool) && exposes(server, tool),
    prompt: (server, prompt) => has(prompts, server, prompt),
    resource,
    resourceOf: (server, uri) => resource(uri)?.server === server,
    template: (server, uriTemplate) => {
      const start = uriTemplate.split("{", 1)[0] ?? "";
      return !hasDotSegment(uriTemplate) && covering(resources.filter(isPrefix), start)?.server === server;
    },
    servers: (kind) => servers[kind],
  };
}

function named(grants: readonly { server: string; name: string }[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { server, name } of grants) found.set(server, (found.get(server) ?? new Set()).add(name));
  return found;
}

function covering(grants: readonly ResourceGrant[], uri: string): ResourceGrant | undefined {
  const exact = grants.find((grant) => grant.uri === uri);
  if (exact) return exact;
  // `file:///docs/../etc/passwd` begins with `file:///docs/` and is not in it; no prefix covers such a URI.
  if (hasDotSegment(uri)) return undefined;
  let longest: ResourceGrant | undefined;
  for (const grant of grants) {
    if (!isPrefix(grant) || !uri.startsWith(grant.uri)) continue;
    if (!longest || grant.uri.length > longest.uri.length) longest = grant;
  }
  return longest;
}

function isPrefix(grant: ResourceGrant): boolean {
  return grant.uri.endsWith("/");
}

/**
 * Whether a path segment is `.` or `..`, also when percent-encoded (up to three times) or behind a backslash. URL
 * parsers leave out tabs, line ends and what blank stands at the edges, so `.<tab>./` is one too: such a URI has
 * no business in a prefix at all.
 */
function hasDotSegment(uri: string): boolean {
  let text = uri;
  for (let round = 0; round < 4; round++) {
    if (/\p{Cc}|^\s|\s$|(?:^|[/\\])\.{1,2}(?:$|[/\\?#])/u.test(text)) return true;
    if (!text.includes("%")) return false;
    try {
      const decoded = decodeURIComponent(text);
      if (decoded === text) return false;
      text = decoded;
    } catch {
      return true; // not decodable: nobody can say where it leads
    }
  }
  return true;
}
