import type { Rule } from "../rule.ts";
import { concurrencyForReplicas } from "./concurrency-for-replicas.ts";
import { failoverEquivalent } from "./failover-equivalent.ts";
import { failoverMembers } from "./failover-members.ts";
import { retriesInTime } from "./retries-in-time.ts";
import { serverTimeout } from "./server-timeout.ts";
import { sessionSingleReplica } from "./session-single-replica.ts";
import { stdioSingleReplica } from "./stdio-single-replica.ts";
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
];
