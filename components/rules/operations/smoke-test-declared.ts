import type { Rule } from "../rule.ts";

/** That it is deployed says nothing of whether it serves. */
export const smokeTestDeclared: Rule = {
  id: "smoke-test-declared",
  concern: "operations",
  title: "A smoke test proves what is deployed",
  severity: "error",
  enforcedBy: "policy",
  needs: "integration",
  remediation: 'Declare new mcp.SmokeTest("smoke", { gateway }) and hand it to the integration.',
  code: 'const smokeTest = new mcp.SmokeTest("smoke", { gateway });\nnew mcp.Integration("support", { gateway, smokeTest, … });',
  reference:
    "Google SRE Book, chapter 17, Testing for Reliability; Continuous Delivery, smoke-test your deployments",
  check: ({ smokeTest, name }) =>
    smokeTest
      ? []
      : [
          {
            path: `integration ${name}: smokeTest`,
            reason: "is not declared: an update may be green while no consumer is served",
          },
        ],
};
