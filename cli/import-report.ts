import type { Judgement, Plan } from "../adopt/index.ts";
import { describe } from "../components/rules/finding.ts";
import { renderReadiness } from "../components/views/readiness.ts";
import type { Configured } from "./configure.ts";
import type { Place } from "./program-file.ts";

/** Everything that an import has to tell. */
export interface Imported {
  plan: Plan;
  place: Place;
  configured: Configured;
  judgement: Judgement;
  /** The option that selects the stack again. */
  stack: string;
  /** Whether servers were asked for their tools. */
  asked: boolean;
}

/** What was written, what is missing, and what to do next; no value of a setting is in it. */
export function importReport(imported: Imported): string {
  const { plan, place, judgement } = imported;
  return [
    `${place.file}: ${plan.servers.map(({ name }) => name).join(", ")}, from ${plan.sources.join(", ")}`,
    section("Look at", remarks(imported)),
    settings(imported),
    judgement.findings.length > 0 ? describe(judgement.findings) : "",
    renderReadiness(judgement.readiness),
    section("Next", nextSteps(imported)),
  ]
    .filter(Boolean)
    .join("\n\n")
    .concat("\n");
}

const section = (title: string, lines: string[]) =>
  lines.length > 0 ? `${title}:\n${lines.map((line) => `  ${line}`).join("\n")}` : "";

function remarks({ plan, asked }: Imported): string[] {
  return [
    ...plan.remarks.map(({ server, text }) => `${server}: ${text}`),
    ...(asked
      ? []
      : ["no server was started, so that their tools are not known: the consumer's uses are empty"]),
  ];
}

function settings({ configured: { set, kept, open, failure }, stack }: Imported): string {
  const names = (list: { key: string }[]) => list.map(({ key }) => key).join(", ");
  return [
    ...(failure && open.length > 0
      ? [`${set.length > 0 ? "Nothing more" : "Nothing"} could be configured: ${failure}`]
      : []),
    ...(set.length > 0 ? [`Configured, secrets encrypted: ${names(set)}`] : []),
    ...(kept.length > 0 ? [`Configured before, and left as it was: ${names(kept)}`] : []),
    ...(open.length > 0
      ? [
          section(
            "To configure, each asks for its value",
            open.map(
              ({ key, secret, from }) =>
                `pulumi config set${stack} ${secret ? "--secret" : "--plaintext"} ${key}  # ${from}`,
            ),
          ),
        ]
      : []),
  ].join("\n");
}

function nextSteps({ plan, place, asked, stack }: Imported): string[] {
  const blind = plan.servers.every(({ tools }) => !tools);
  return [
    ...(blind && !asked
      ? [
          `rm ${place.file}, and import again with --ask, or name what the consumer uses: uses: [server.tool("…")]`,
        ]
      : []),
    ...(place.whole
      ? []
      : [
          `in ${place.beside}: import { imported } from "./imported.ts"; const { servers, consumers } = imported(target);`,
          "and in its gateway: servers: [..., ...servers], consumers: [..., ...consumers]",
        ]),
    `pulumi preview${stack}`,
    `pulumi up${stack}`,
  ];
}
