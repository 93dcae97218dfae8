import type { Rule, Violation } from "../rule.ts";

/** A smoke test can come by a token of every consumer whose token the gateway asks for. */
export const smokeCredentials: Rule = {
  id: "smoke-credentials",
  concern: "operations",
  title: "The smoke test can be every consumer of a gateway that takes signed tokens",
  severity: "error",
  enforcedBy: "component",
  needs: "integration",
  remediation:
    "Give the smoke test credentials for each consumer: { <consumer>: { clientCredentials: { issuer, clientId, clientSecret } } }, by an issuer of the gateway's auth.",
  code: `new mcp.SmokeTest("smoke", {
  gateway,
  credentials: { "support-agent": { clientCredentials: { issuer, clientId, clientSecret: vault.ref("agent") } } },
});`,
  reference: "RFC 6749, section 4.4: a program gets a token of its own by client credentials",
  check({ gateway, consumers, smokeTest }) {
    if (!gateway || !smokeTest) return [];
    const at = (consumer: string, property = "") =>
      `smoke test ${smokeTest.name}: credentials.${consumer}${property}`;
    const given = Object.entries(smokeTest.credentials);
    if (gateway.auth.mode !== "jwt")
      return given.map(([name]) => ({
        path: at(name),
        reason: `are for signed tokens, and gateway ${gateway.name} takes ${gateway.auth.mode === "none" ? "none" : "those that it generates"}`,
      }));
    const missing = consumers
      .filter(({ name }) => !Object.hasOwn(smokeTest.credentials, name))
      .map(({ name }) => ({
        path: at(name),
        reason: `are missing: without a token of consumer ${name} nothing proves that it is served`,
      }));
    const wrong = given.flatMap(([name, { clientCredentials }]): Violation[] => {
      const { issuer, clientId } = clientCredentials;
      const consumer = consumers.find((each) => each.name === name);
      if (!consumer)
        return [{ path: at(name), reason: `are of a consumer that gateway ${gateway.name} does not have` }];
      const issuers = gateway.auth.issuers.map((each) => each.issuer);
      const client = consumer.identity.client;
      return [
        ...(issuers.includes(issuer)
          ? []
          : [
              {
                path: at(name, ".clientCredentials.issuer"),
                reason: `is "${issuer}", whose tokens the gateway does not take (it takes those of ${issuers.join(", ")})`,
              },
            ]),
        ...(client === undefined || client === clientId
          ? []
          : [
              {
                path: at(name, ".clientCredentials.clientId"),
                reason: `is "${clientId}", and consumer ${name} is known by client "${client}"`,
              },
            ]),
      ];
    });
    return [...missing, ...wrong];
  },
};
