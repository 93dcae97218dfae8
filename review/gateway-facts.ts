import { type GatewayModel, secretsOfGateway } from "../components/model/index.ts";
import { prettyDuration } from "../components/views/words.ts";
import { type Fact, fact } from "./fact.ts";
import { resilienceFacts } from "./resilience-facts.ts";

/** What callers are asked for, in words. */
const askedFor = {
  none: "none",
  tokens: "a token for every caller",
  jwt: "a signed token of every caller",
} as const;

/** What is so of a gateway. */
export function gatewayFacts(gateway: GatewayModel): Fact[] {
  const { listen, auth, resilience, objectives, tracing, catalogue = {} } = gateway;
  return [
    { fact: "listens on", value: `${listen.host} port ${listen.port}` },
    ...fact("replicas", gateway.replicas?.toString()),
    ...fact("public URL", gateway.publicUrl),
    { fact: "authentication", value: askedFor[auth.mode] },
    {
      fact: "trusts tokens of",
      value: auth.issuers.map(({ issuer, audience }) => issuer + (audience ? ` for ${audience}` : "")),
    },
    ...fact("login of people", auth.login && `client ${auth.login.clientId}`),
    ...fact("timeout", resilience.timeout === undefined ? undefined : prettyDuration(resilience.timeout)),
    ...resilienceFacts(resilience),
    {
      fact: "failover",
      value: gateway.failover.map(
        ({ primary, standby, mode }) => `${[primary, ...standby].join(" → ")} (${mode})`,
      ),
    },
    {
      fact: "secrets",
      value: secretsOfGateway(gateway).map(
        ({ property, reference: { store, key } }) => `${store} / ${key} as ${property}`,
      ),
    },
    { fact: "pins the catalogue of", value: Object.keys(catalogue) },
    { fact: "pinned definitions", value: JSON.stringify(catalogue), hidden: true },
    ...fact("traces go to", tracing && new URL(tracing.endpoint).host),
    ...fact("share of calls that are traced", tracing && percent(tracing.ratio)),
    ...fact("objective of availability", objectives && percent(objectives.availability)),
    ...fact("objective of latency (p95)", objectives && prettyDuration(objectives.p95)),
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(8))} %`;
}
