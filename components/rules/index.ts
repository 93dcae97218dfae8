import { alertingDeclared } from "./alerting-declared.ts";
import { distinctNames } from "./distinct-names.ts";
import { distinctPorts } from "./distinct-ports.ts";
import { gatewayAuthentication } from "./gateway-authentication.ts";
import { knownSecrets } from "./known-secrets.ts";
import { knownTools } from "./known-tools.ts";
import { noWildcardAccess } from "./no-wildcard-access.ts";
import { offeredInReach } from "./offered-in-reach.ts";
import { pinnedArtifacts } from "./pinned-artifacts.ts";
import type { Rule } from "./rule.ts";
import { secretsByReference } from "./secrets-by-reference.ts";
import { serverTimeout } from "./server-timeout.ts";
import { sessionSingleReplica } from "./session-single-replica.ts";
import { smokeProvesCredentials } from "./smoke-proves-credentials.ts";
import { stdioSingleReplica } from "./stdio-single-replica.ts";
import { storageDeclared } from "./storage-declared.ts";

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
  pinnedArtifacts,
  noWildcardAccess,
  serverTimeout,
  smokeProvesCredentials,
  alertingDeclared,
];

/** The rules that a component enforces itself, with or without a policy pack. */
export const componentRules: readonly Rule[] = rules.filter(({ enforcedBy }) => enforcedBy === "component");
