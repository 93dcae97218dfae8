import { failover } from "./failover.ts";
import { operations } from "./operations.ts";
import { security } from "./security.ts";

/** What comes near to a violation and is none. */
export const passing = { ...security, ...failover, ...operations };
