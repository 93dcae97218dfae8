import { failover } from "./failover.ts";
import { operations } from "./operations.ts";
import { security } from "./security.ts";

/** What violates each rule: in words, the change to an integration that keeps them all, and where the finding is. */
export const violating = { ...security, ...failover, ...operations };
