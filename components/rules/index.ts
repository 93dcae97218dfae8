import { alertingDeclared } from "./alerting-declared.ts";
import { concurrencyForReplicas } from "./concurrency-for-replicas.ts";
import { consumersToldApart } from "./consumers-told-apart.ts";
import { distinctNames } from "./distinct-names.ts";
import { distinctPorts } from "./distinct-ports.ts";
import { failoverEquivalent } from "./failover-equivalent.ts";
import { failoverMembers } from "./failover-members.ts";
import { gatewayAuthentication } from "./gateway-authentication.ts";
import { knownCatalogue } from "./known-catalogue.ts";
import { knownSecrets } from "./known-secrets.ts";
import { knownToolSettings } from "./known-tool-settings.ts";
import { knownTools } from "./known-tools.ts";
import { noWildcardAccess } from "./no-wildcard-access.ts";
import { offeredInReach } from "./offered-in-reach.ts";
import { perUserAuthorization } from "./per-user-authorization.ts";
import { pinnedArtifacts } from "./pinned-artifacts.ts";
import { retriesInTime } from "./retries-in-time.ts";
import type { Rule } from "./rule.ts";
import { secretsByReference } from "./secrets-by-reference.ts";
import { serverTimeout } from "./server-timeout.ts";
import { sessionSingleReplica } from "./session-single-replica.ts";
import { smokeCredentials } from "./smoke-credentials.ts";
import { smokeProvesCredentials } from "./smoke-proves-credentials.ts";
import { stdioSingleReplica } from "./stdio-single-replica.ts";
import { storageDeclared } from "./storage-declared.ts";
import { tokenAudience } from "./token-audience.ts";
import { tokenExchange } from "./token-exchange.ts";
import { toolTimeout } from "./tool-timeout.ts";

/** Every rule of the framework; a new rule is a file of its own and a line here. */
export const rules: readonly Rule[] = [
  gatewayAuthentication,
  secretsByReference,
  stdioSingleReplica,
  sessionSingleReplica,
  offeredInReach,
  knownTools,
  knownSecrets,
  distinctNames,
  distinctPorts,
  storageDeclared,
  failoverMembers,
  failoverEquivalent,
  knownToolSettings,
  toolTimeout,
  retriesInTime,
  concurrencyForReplicas,
  consumersToldApart,
  tokenAudience,
  tokenExchange,
  perUserAuthorization,
  knownCatalogue,
  smokeCredentials,
  pinnedArtifacts,
  noWildcardAccess,
  serverTimeout,
  smokeProvesCredentials,
  alertingDeclared,
];

/** The rules that a component enforces itself, with or without a policy pack. */
export const componentRules: readonly Rule[] = rules.filter(({ enforcedBy }) => enforcedBy === "component");
