import type { Rule } from "../rule.ts";
import { alertingDeclared } from "./alerting-declared.ts";
import { alertsRouted } from "./alerts-routed.ts";
import { currentTransport } from "./current-transport.ts";
import { distinctNames } from "./distinct-names.ts";
import { distinctPorts } from "./distinct-ports.ts";
import { knownToolSettings } from "./known-tool-settings.ts";
import { knownTools } from "./known-tools.ts";
import { offeredInReach } from "./offered-in-reach.ts";
import { smokeCredentials } from "./smoke-credentials.ts";
import { smokeProvesCredentials } from "./smoke-proves-credentials.ts";
import { smokeTestDeclared } from "./smoke-test-declared.ts";
import { storageDeclared } from "./storage-declared.ts";

/** What the people need who run it. */
export const operations: readonly Rule[] = [
  knownTools,
  knownToolSettings,
  distinctNames,
  distinctPorts,
  storageDeclared,
  offeredInReach,
  smokeProvesCredentials,
  smokeCredentials,
  alertingDeclared,
  currentTransport,
  smokeTestDeclared,
  alertsRouted,
];
