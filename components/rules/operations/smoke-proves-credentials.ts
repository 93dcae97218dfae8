import { hasExample } from "../../model/consumer.ts";
import { exposedServers } from "../../model/integration.ts";
import { secretsOf } from "../../model/server.ts";
import type { Rule } from "../rule.ts";

/** The smoke test makes at least one call that fails when a credential is wrong. */
export const smokeProvesCredentials: Rule = {
  id: "smoke-proves-credentials",
  concern: "operations",
  title: "A smoke call needs each credential",
  severity: "error",
  enforcedBy: "policy",
  needs: "gateway",
  remediation: "Give one use an example: server.tool(name, { arguments: {…}, expect: { contains: … } }).",
  code: 'github.tool("search_code", { arguments: { query: "repo:acme/app readme" }, expect: { contains: "README" } })',
  reference: "Measured: tools/list works without a key, so a green list proves nothing about the key",
  check(model) {
    const { consumers } = model;
    const exampled = consumers
      .flatMap((consumer) => consumer.uses)
      .filter((use) => "tool" in use && hasExample(use));
    const ofConsumers = consumers
      .filter((consumer) => !consumer.uses.some(hasExample))
      .map((consumer) => ({
        path: `consumer ${consumer.name}: uses`,
        reason: "has no example call: the smoke test could not tell whether the consumer's credential works",
      }));
    // A standby is called by nobody as long as its primary works.
    const ofServers = exposedServers(model)
      .filter((server) => secretsOf(server).length > 0 && !exampled.some((use) => use.server === server.name))
      .map((server) => ({
        path: `server ${server.name}: ${secretsOf(server)[0]?.property}`,
        reason: "is a credential that no example call needs: it may be wrong, and everything stays green",
      }));
    return [...ofConsumers, ...ofServers];
  },
};
