import { randomBytes } from "node:crypto";
import { asksForTokens } from "../callers.ts";
import { failureFrom } from "../failure.ts";
import { quote } from "../redact.ts";
import { clientInfo, type Era } from "../session.ts";
import { faultCode, seenIn } from "../traffic.ts";
import { requireReached, type Trial } from "../trial.ts";
import { type Check, failed, type Outcome, passed } from "./check.ts";

/**
 * Who comes without a token or with a wrong one gets 401 and is told how to do better (RFC 6750, section 3;
 * MCP authorization, "Protected Resource Metadata Discovery"). Nothing where the gateway asks for no token.
 */
export function authenticationChecks(trial: Trial, subject: string): Check[] {
  if (!asksForTokens(trial.model)) return [];
  const wrong = `wrong-${randomBytes(16).toString("hex")}`;
  return [
    { subject, check: "refuses a request without a token", run: () => refused(trial) },
    { subject, check: "refuses a wrong token", run: () => refused(trial, wrong) },
  ];
}

/** The first words of a client of each era; a gateway might guard one door only. */
const openings: Record<Era, { params: object; method: string; headers: Record<string, string> }> = {
  "2026-07-28": {
    method: "tools/list",
    params: {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": clientInfo,
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
    headers: { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" },
  },
  "2025-11-25": {
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
    headers: {},
  },
};

async function refused(trial: Trial, token?: string): Promise<Outcome> {
  requireReached(trial);
  const challenges = new Set<string>();
  for (const [era, { method, params, headers }] of Object.entries(openings)) {
    const response = await fetch(trial.endpoint, {
      method: "POST",
      redirect: "manual",
      signal: AbortSignal.any([trial.deadline.signal, AbortSignal.timeout(10_000)]),
      headers: {
        ...headers,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    }).catch((error: unknown) => {
      trial.deadline.signal.throwIfAborted();
      throw failureFrom({ fault: faultCode(error) });
    });
    const seen = seenIn(response);
    await response.body?.cancel();
    if (seen.status !== 401)
      return failed(`${method} (${era}) was answered with HTTP ${seen.status} instead of 401`);
    const challenge = response.headers.get("www-authenticate");
    if (challenge === null) return failed(`HTTP 401, but without a WWW-Authenticate header (${era})`);
    if (!/(?:^|,\s*)Bearer(?:\s|,|$)/i.test(challenge)) {
      return failed(
        `HTTP 401, but its WWW-Authenticate is no Bearer challenge: ${quote(challenge)} (${era})`,
      );
    }
    challenges.add(
      /resource_metadata=/i.test(challenge) ? "Bearer challenge with metadata" : "Bearer challenge",
    );
  }
  return passed(`HTTP 401, ${[...challenges].join(", ")}, in both eras`);
}
