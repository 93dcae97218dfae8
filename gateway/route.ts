import { type Grants, unqualified } from "./access.ts";
import { isObject, type JsonObject, type RpcRequest } from "./protocol/messages.ts";

/** The requests that begin and end the watching of a resource (older era). */
export const SUBSCRIPTIONS: ReadonlySet<string> = new Set(["resources/subscribe", "resources/unsubscribe"]);

/** Where an allowed request goes. */
export interface Route {
  server: string;
  /** For logs: the tool or prompt by the server's own name, or the grant that covers the resource. */
  target: string;
  /** The params as the server wants them. */
  params: JsonObject;
}

/** Where a request goes, or `undefined` when what it names is not granted. */
export function route(grants: Grants, { method, params }: RpcRequest): Route | undefined {
  if (!isObject(params)) return undefined;
  if (method === "completion/complete") return completionRoute(grants, params);
  if (method === "resources/read" || SUBSCRIPTIONS.has(method)) {
    const grant = typeof params.uri === "string" ? grants.resource(params.uri) : undefined;
    return grant && { server: grant.server, target: grant.uri, params };
  }
  const named = typeof params.name === "string" ? unqualified(params.name) : undefined;
  if (!named) return undefined;
  const { server, name } = named;
  const granted = method === "tools/call" ? grants.tool(server, name) : grants.prompt(server, name);
  return granted ? { server, target: name, params: { ...params, name } } : undefined;
}

function completionRoute(grants: Grants, params: JsonObject): Route | undefined {
  const ref = isObject(params.ref) ? params.ref : {};
  if (ref.type === "ref/prompt" && typeof ref.name === "string") {
    const named = unqualified(ref.name);
    if (!named || !grants.prompt(named.server, named.name)) return undefined;
    return {
      server: named.server,
      target: named.name,
      params: { ...params, ref: { ...ref, name: named.name } },
    };
  }
  const uri = ref.type === "ref/resource" && typeof ref.uri === "string" ? ref.uri : undefined;
  const server = uri && grants.servers("resources").find((each) => grants.template(each, uri));
  return server ? { server, target: server, params } : undefined;
}
