import type {
  AlertingModel,
  ConsumerModel,
  IntegrationModel,
  SecretStoreModel,
  ServerModel,
} from "../components/model/index.ts";
import { describeUse } from "../components/model/index.ts";
import { prettyDuration } from "../components/views/words.ts";
import type { SubjectKind } from "./domain-change.ts";
import { type Fact, fact } from "./fact.ts";
import { gatewayFacts } from "./gateway-facts.ts";
import { serverFacts } from "./server-facts.ts";

/** Something that is declared, with what is so of it. */
export interface Subject {
  kind: SubjectKind;
  name: string;
  /** What it is, in a few words, for one that is new or gone. */
  summary: string;
  facts: Fact[];
}

/** Everything that a model declares, as facts. Names of secrets are among them, never values. Pure. */
export function subjectsOf(model: IntegrationModel): Subject[] {
  const { gateway, alerting, smokeTest, requirements } = model;
  return [
    ...model.consumers.map(consumerSubject),
    ...model.servers.map(serverSubject),
    ...(gateway
      ? [{ kind: "gateway" as const, name: gateway.name, summary: "", facts: gatewayFacts(gateway) }]
      : []),
    ...model.secrets.map(secretsSubject),
    ...(alerting ? [alertingSubject(alerting)] : []),
    ...(smokeTest
      ? [
          {
            kind: "smoke test" as const,
            name: smokeTest.name,
            summary: "",
            facts: [
              { fact: "deadline", value: prettyDuration(smokeTest.deadline) },
              { fact: "credentials of", value: Object.keys(smokeTest.credentials) },
            ],
          },
        ]
      : []),
    ...(requirements
      ? [
          {
            kind: "integration" as const,
            name: model.name,
            summary: requirements.purpose,
            facts: [
              { fact: "purpose", value: requirements.purpose },
              { fact: "owner", value: requirements.owner },
            ],
          },
        ]
      : []),
  ];
}

function serverSubject(server: ServerModel): Subject {
  const { facts, summary } = serverFacts(server);
  return { kind: "server", name: server.name, summary, facts };
}

function consumerSubject({ name, identity, limit, uses }: ConsumerModel): Subject {
  const examples = uses.map((use) => JSON.stringify([describeUse(use), { ...use, server: undefined }]));
  return {
    kind: "consumer",
    name,
    summary: "",
    facts: [
      { fact: "uses", value: uses.map(describeUse) },
      { fact: "example calls", value: JSON.stringify(examples.sort()), hidden: true },
      ...fact("scope", identity.scope),
      ...fact("client", identity.client),
      ...fact("limit", limit && `${limit.calls} calls in ${prettyDuration(limit.per)}`),
    ],
  };
}

function secretsSubject({ name, given, generated, external }: SecretStoreModel): Subject {
  return {
    kind: "secrets",
    name,
    summary: "",
    facts: [
      {
        fact: "keys",
        value: [
          ...given.map((key) => `${key} (given)`),
          ...generated.map((key) => `${key} (generated)`),
          ...Object.keys(external).map((key) => `${key} (kept outside)`),
        ],
      },
    ],
  };
}

function alertingSubject({ name, after, notify }: AlertingModel): Subject {
  return {
    kind: "alerting",
    name,
    summary: `after ${prettyDuration(after)}`,
    facts: [
      { fact: "alerts after", value: prettyDuration(after) },
      {
        fact: "tells",
        value: [
          ...(notify?.slack ? [`Slack ${notify.slack.channel}`] : []),
          ...(notify?.pagerDuty ? ["PagerDuty"] : []),
          ...(notify?.webhook ? ["a webhook"] : []),
        ],
      },
    ],
  };
}
