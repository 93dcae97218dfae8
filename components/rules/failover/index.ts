import type { Rule } from "../rule.ts";
import { attemptsBounded } from "./attempts-bounded.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { concurrencyForReplicas } from "./concurrency-for-replicas.ts";
import { failoverEquivalent } from "./failover-equivalent.ts";
import { failoverMembers } from "./failover-members.ts";
import { failureDomains } from "./failure-domains.ts";
import { repeatableCalls } from "./repeatable-calls.ts";
import { retriesInTime } from "./retries-in-time.ts";
import { serverTimeout } from "./server-timeout.ts";
import { sessionSingleReplica } from "./session-single-replica.ts";
import { severalInstancesPromised } from "./several-instances.ts";
import { stdioSingleReplica } from "./stdio-single-replica.ts";
import { timeoutsNest } from "./timeouts-nest.ts";
import { toolTimeout } from "./tool-timeout.ts";

/** What happens when something fails. */
export const failover: readonly Rule[] = [
  stdioSingleReplica,
  sessionSingleReplica,
  failoverMembers,
  failoverEquivalent,
  serverTimeout,
  toolTimeout,
  retriesInTime,
  concurrencyForReplicas,
  severalInstancesPromised,
  failureDomains,
  timeoutsNest,
  repeatableCalls,
  attemptsBounded,
  circuitBreaker,
];
