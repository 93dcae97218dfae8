import { z } from "zod";
import { enforcementOf } from "../../cli/rules.ts";
import type { Concern, Rule } from "../../components/rules/rule.ts";

const concerns: Record<Concern, string> = {
  security: "Security: who may do what, and what must not leak",
  failover: "Failover: what happens when something fails",
  operations: "Operations: what those need who run it",
};

function parametersOf({ parameters }: Rule): string[] {
  if (!parameters) return [];
  const { properties = {} } = z.toJSONSchema(parameters, { io: "input" });
  const lines = Object.entries(properties).map(
    ([name, schema]) =>
      `\`${name}\` (default \`${JSON.stringify((schema as { default?: unknown }).default)}\`)`,
  );
  return [`Parameters: ${lines.join(", ")}.`, ""];
}

function section(rule: Rule): string[] {
  return [
    `### \`${rule.id}\``,
    "",
    `**${rule.title}.** ${rule.severity}, ${enforcementOf(rule)}.`,
    "",
    rule.remediation,
    "",
    "```ts",
    ...(rule.code ?? "").split("\n"),
    "```",
    "",
    ...parametersOf(rule),
    `Reference: ${rule.reference}.`,
    "",
  ];
}

const head = `# Rules

What declarations are judged by, before anything changes. Written from the rules themselves by
\`test/rules/page.test.ts\`; after a change of a rule, \`npm test -- test/rules/page.test.ts -u\` writes it anew.
\`npx mcp-infra rules\` lists them, \`--json\` with everything that stands here.

*Always refused* (or warned of): the component itself does it, with or without a policy pack, since it is unsafe or a
contradiction whatever a team thinks. *Policy*: what a team may decide. A mandatory one stops the preview, an advisory one is
shown and lets it pass.

A model knows no names of environments. What is meant for production alone, \`several-instances\`, \`catalogue-locked\` and
\`alerts-routed\`, goes by what callers are promised: \`objectives.availability\` of 0.999 or more. What a tool does is not
declared either: \`destructive-tools-scoped\` and \`repeatable-calls\` go by its name, and their words are parameters.

## Decide about them

A policy pack of your own is a directory with \`PulumiPolicy.yaml\` (\`runtime: nodejs\`), \`package.json\` (\`"type": "module"\`, a
\`version\`, \`"main": "index.js"\`) and this \`index.js\`; \`pulumi up --policy-pack <directory>\` takes it in place of the
framework's. One entry says everything, and what is wrong with it is said all at once, before anything changes:

\`\`\`ts
import { policyPack } from "mcp-infra/policies";

policyPack({
  all: "advisory", // or mandatory, disabled; default: each rule's own level
  rules: {
    "pinned-artifacts": "mandatory",
    "narrow-egress": { off: { reason: "the crawler has to reach any site", until: "2026-12-31" } },
    "tools-justified": { level: "mandatory", parameters: { most: 60 } },
  },
  own: [teamPrefix],
});
\`\`\`

A rule that is off is on again the day after, and every preview says so. What components refuse themselves can't be switched off,
and neither can the readiness gate of an \`Integration\`.

## Test them, and your own

A rule is a pure function of the model. \`mcp-infra/testing\` judges declarations in plain data, without an engine:

\`\`\`ts
import { findings, type Rule, rule } from "mcp-infra/testing";

const teamPrefix: Rule = {
  id: "team-prefix",
  concern: "operations",
  title: "Names of servers begin with their team",
  severity: "error",
  enforcedBy: "policy",
  needs: "server",
  remediation: 'Call it "acme-…".',
  reference: "acme handbook, Names",
  check: ({ servers }) =>
    servers
      .filter(({ name }) => !name.startsWith("acme-"))
      .map(({ name }) => ({ path: \`server \${name}\`, reason: "says nothing of its team" })),
};

const servers = [{ name: "notes", stdio: { package: "npm:@acme/notes" } }];
assert.equal(findings([teamPrefix], { servers })[0]?.path, "server notes");
assert.equal(findings([rule("pinned-artifacts")], { servers })[0]?.path, "server notes: stdio.package");
\`\`\`

## What needs no rule

- **Token passthrough.** The gateway hands no caller's token on, and no property makes it; each server gets credentials of its
  own. What is left to get wrong, a token for a server that others take too, is \`token-for-one-server\`.
- **Secrets in outputs.** No value of a secret is in the model; the gateway's tokens are a secret output.
- **Privileged containers.** Every pod of the Kubernetes target runs under the restricted Pod Security Standard: no root, no
  capabilities, no privilege escalation, a read-only root file system. No property loosens it.
- **A disruption budget, and several zones.** The Kubernetes target makes a budget for whatever has more than one replica, and
  spreads replicas over zones and nodes.
- **A backend without an alert.** Alert rules are made from the gateway's servers, all of them; that there is alerting at all is
  \`alerting-declared\`.
- **Eras of the protocol that don't meet.** The gateway speaks all of them on both sides; a server's deprecated transport is
  \`current-transport\`.
`;

/** The page that lists the rules, from the rules themselves. */
export function rulesPage(rules: readonly Rule[]): string {
  const parts = (Object.keys(concerns) as Concern[]).flatMap((concern) => [
    `## ${concerns[concern]}`,
    "",
    ...rules.filter((rule) => rule.concern === concern).flatMap(section),
  ]);
  return `${[head, ...parts].join("\n").trimEnd()}\n`;
}
