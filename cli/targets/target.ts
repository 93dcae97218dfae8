import type { Victim } from "../../drill/index.ts";
import type { SmokeReport } from "../../smoke/index.ts";

/** The way to a gateway that is deployed. */
export interface GatewayAccess {
  /** URL of its endpoint for clients. */
  endpoint: string;
  /** Whether clients have to hold a connection open for the endpoint to answer: `mcp-infra connect`. */
  forwarded: boolean;
  /** Hands a URL to `use` at which this machine reaches the gateway, on a port of choice where one is opened. */
  reach<T>(use: (url: string) => Promise<T>, localPort?: number): Promise<T>;
  /** Whether what callers are led to is no longer there; absent where nothing is held open. */
  isGone?(): Promise<boolean>;
  /** The stack's own servers, for a drill. */
  victims(): Victim[];
  /** What of its configuration somebody has changed where it lies; absent where a preview that refreshes tells. */
  editedByHand?(): string[];
  /** Where the gateway reads the last smoke report, for its metrics. */
  keepSmokeReport(report: SmokeReport): Promise<void>;
}

/** What runs of a stack, on whichever target. */
export interface Runtime {
  status(): Promise<Status>;
  /** The last lines of one server's or gateway's log, or of each. */
  logs(name: string | undefined, lines: number): Promise<Log[]>;
}

/** What runs, as a table; no rows where nothing does. */
export interface Status {
  /** Where all of it is, a line each, when that is not this machine. */
  where?: string[];
  head: string[];
  rows: string[][];
  /** Whether anything that should run doesn't. */
  failing: boolean;
  /** What to do about it. */
  advice?: string;
}

/** The end of one log. */
export interface Log {
  /** What it is of: a process, or a pod. */
  name: string;
  text: string;
  /** Whether it could not be read; then the text says why. */
  unreadable?: boolean;
}
