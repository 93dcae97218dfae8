import { decodeJwt } from "jose";
import { type Grants, grantsByConsumer, grantsFor } from "./access.ts";
import { authenticator, type Identity } from "./authentication/authenticator.ts";
import { challenge, DESCRIPTION, insufficientScope } from "./authentication/challenge.ts";
import { isClient, rightsOf } from "./authentication/claims.ts";
import { type ProtectedResource, scopesOf } from "./authentication/protected-resource.ts";
import type { Caller } from "./caller.ts";
import type { GatewayConfig } from "./config.ts";
import type { Outbound } from "./credentials/index.ts";
import type { Description, McpService, Refusal } from "./http/service.ts";
import { LIMITED, type Limits } from "./limits/limits.ts";
import type { Logger } from "./logging.ts";
import type { Metrics } from "./metrics.ts";
import { CLIENT_INFO } from "./protocol/codec.ts";
import { CODE, RpcError, type RpcRequest } from "./protocol/messages.ts";
import { route } from "./route.ts";
import { NOT_GRANTED, type Router } from "./router.ts";
import type { Changes } from "./subscriptions/changes.ts";

/** What the gateway's service works with. */
export interface ServiceParts {
  router: Router;
  metrics: Metrics;
  logger: Logger;
  /** Absent: nobody is limited. */
  limits: Limits | undefined;
  /** What clients are told of where tokens come from; absent where clients have theirs from elsewhere. */
  resource: ProtectedResource | undefined;
  credentials: Outbound;
  changes: Changes<Caller>;
}

/** What the owner of a good token hears that is of no consumer. */
const NOBODYS = "Not granted: no consumer is declared with the scope or the client of this token";

/** How long a client should wait when an issuer's keys can't be had, in seconds. */
const KEYS_RETRY_SECONDS = 5;

/**
 * The gateway as a service.
 *
 * Who is not known gets 401 with a `Bearer` challenge (both eras: MCP authorization, "Token handling"). Who is known
 * and asks for what is not granted gets 403 with `insufficient_scope` and, in the body, a JSON-RPC error with the
 * request's id ("Scope challenge handling"): both SDK clients turn the status into an error for the caller, and those
 * without an OAuth provider don't retry. Without authentication there is no other token to fetch, so there it is a
 * plain JSON-RPC error on 200, as for an unknown tool. Neither says whether the thing exists.
 *
 * Where a client could fetch a token with another scope that grants it, the 403 names the scope. Where none would do, it
 * has no challenge: a person would be sent to sign in again for nothing.
 */
export function gatewayService(config: GatewayConfig, parts: ServiceParts): McpService<Caller> {
  const { router, metrics, limits, resource } = parts;
  const authenticate = authenticator(config, parts.logger);
  const grants = grantsFor(config);
  const ofConsumer = grantsByConsumer(config);
  const descriptions = new WeakMap<Grants, Description>();

  const advice = (scope?: string) => ({ resourceMetadata: resource?.metadataUrl(), scope });

  function callerOf(identity: Identity): { caller: Caller } | Refusal {
    if ("failure" in identity) return unknown(identity.failure);
    const known = grants(identity.consumers);
    if (known) return { caller: { grants: known, subject: identity.subject, token: identity.token } };
    if (identity.token === undefined) return unknown("unknown_token");
    metrics.authFailure("not_granted");
    const rights = rightsOf(decodeJwt(identity.token));
    const scopes = scopesOf(config.consumers.filter((each) => isClient(each, rights)));
    return notGranted(scopes.join(" "), NOBODYS);
  }

  function unknown(failure: Extract<Identity, { failure: unknown }>["failure"]): Refusal {
    metrics.authFailure(failure);
    const message = `Unauthorized: ${DESCRIPTION[failure]}`;
    if (failure === "issuer_unavailable") {
      return { status: 503, message: DESCRIPTION[failure], retryAfterSeconds: KEYS_RETRY_SECONDS };
    }
    const scope = resource && scopesOf(config.consumers).join(" ");
    return { status: 401, message, challenge: challenge(config.name, failure, advice(scope)) };
  }

  function notGranted(scope: string | undefined, message = NOT_GRANTED): Refusal {
    const mayHelp = !resource || scope;
    const header = mayHelp ? insufficientScope(config.name, advice(scope)) : undefined;
    return { status: 403, message, challenge: header };
  }

  /**
   * The scopes that would do for a request: those that the token has here, since older clients ask for no more than a
   * challenge names, and the one of the first consumer, as declared, that has what the request asks for.
   */
  function scopesFor({ token }: Caller, request: RpcRequest): string | undefined {
    if (token === undefined) return undefined;
    const rights = rightsOf(decodeJwt(token));
    const lacking = config.consumers.find((each) => {
      if (each.scope === undefined || !isClient(each, rights)) return false;
      const theirs = ofConsumer.get(each.name);
      return theirs && route(theirs, request) !== undefined;
    })?.scope;
    if (lacking === undefined) return undefined;
    return [...scopesOf(config.consumers).filter((scope) => rights.scopes.has(scope)), lacking].join(" ");
  }

  /** How long to wait before a call is let through; the refusal is written down here. */
  async function waitFor({ grants }: Caller, request: RpcRequest, requestId: string) {
    const to = request.method === "tools/call" ? route(grants, request) : undefined;
    const waitMs = to && (await limits?.take(grants, to.server, to.target));
    if (!to || waitMs === undefined) return undefined;
    const { server, target } = to;
    const consumer = grants.callerOf(server, target);
    const { method } = request;
    router.record({ consumer, method, server, target, outcome: "limited", durationMs: 0, requestId });
    return { waitMs, data: { outcome: "limited", retryAfterMs: waitMs } };
  }

  async function limit(caller: Caller, request: RpcRequest, requestId: string) {
    const wait = await waitFor(caller, request, requestId);
    if (!wait) return undefined;
    const retryAfterSeconds = Math.ceil(wait.waitMs / 1000);
    return { status: 429, message: LIMITED, data: wait.data, retryAfterSeconds } as const;
  }

  return {
    authenticate(authorization) {
      const identity = authenticate(authorization);
      return identity instanceof Promise ? identity.then(callerOf) : callerOf(identity);
    },
    authorize(caller, request, requestId) {
      if (config.auth !== "none" && router.denies(caller.grants, request, requestId)) {
        return notGranted(scopesFor(caller, request));
      }
      return limits && limit(caller, request, requestId);
    },
    describe: async ({ grants: theirs }) => {
      const known = descriptions.get(theirs) ?? {
        ...describe(config, theirs),
        instructions: parts.credentials.instructions(theirs),
      };
      descriptions.set(theirs, known);
      return known;
    },
    async handle(request, exchange) {
      if (limits && !exchange.judged) {
        const wait = await waitFor(exchange.caller, request, exchange.requestId);
        if (wait) throw new RpcError(CODE.http, LIMITED, wait.data);
      }
      return router.handle(request, exchange);
    },
    sessions: { ...config.sessions, subject: (caller) => caller.subject },
    changes: parts.changes,
    answered: (caller, method, status) => metrics.request(caller?.grants.consumer ?? "", method, status),
    refused: (reason) => metrics.authFailure(reason),
  };
}

/** A caller is told of those features that it has something of. */
function describe(config: GatewayConfig, grants: Grants): Description {
  const prompts = grants.servers("prompts").length > 0;
  const resources = grants.servers("resources").length > 0;
  return {
    serverInfo: { name: config.name, version: CLIENT_INFO.version },
    capabilities: {
      logging: {},
      tools: { listChanged: true },
      ...(prompts && { prompts: { listChanged: true } }),
      ...(resources && { resources: { listChanged: true, subscribe: true } }),
      ...((prompts || resources) && { completions: {} }),
    },
  };
}
