import type { OutboundAuthArgs } from "./authorization-args.ts";
import type { Duration, OfferModel } from "./model/index.ts";
import type { ServerResilienceArgs, ToolArgs } from "./resilience-args.ts";
import type { SecretRef } from "./secrets.ts";
import type { Target } from "./targets/target.ts";

/** What is started: exactly one of `package`, `image` and `command`; an image may have its command beside it. */
export interface ProgramArgs {
  /** A pinned npm package: `npm:@scope/name@1.2.3`. */
  package?: string;
  /** Which of the package's commands. Default: its only one, or the one with the package's name. */
  bin?: string;
  /**
   * A command on the machine's PATH, or an absolute path; local target only. Beside an image: the command to start in
   * it, which a stdio server has to name. Default: the image's own.
   */
  command?: string;
  /** A container image by digest; targets that run containers only. */
  image?: string;
  /** Arguments of the program. Default: none. {@link dataDirectory} stands for the server's data directory. */
  args?: string[];
}

/** A server that speaks streamable HTTP itself. */
export interface HttpArgs extends ProgramArgs {
  /** The port it listens on; it is handed to the server as `PORT`, and whatever else it wants goes into `args` or `env`. */
  port: number;
  /** Path of its MCP endpoint. Default: `/mcp`. */
  path?: string;
  /**
   * Whether it keeps sessions in its memory: a second replica would not know them. Say `false` of a server that
   * answers every request by itself, and it may be replicated. Default: true.
   */
  sessions?: boolean;
}

/** A server that runs elsewhere. */
export interface RemoteArgs {
  /** Its streamable HTTP endpoint. */
  url: string;
  /** Request headers that the gateway adds, such as `Authorization` by a secret reference. Default: none. */
  headers?: Record<string, string | SecretRef>;
  /** How the gateway proves itself by OAuth, beside the headers. Default: not at all. */
  auth?: OutboundAuthArgs;
}

/**
 * A server that another stack runs and offers; made by {@link offer} there and read by {@link readOffers} here. Plain
 * data: rules judge it in the preview.
 */
export type Offer = OfferModel;

/** A server that speaks stdio. */
export interface StdioArgs extends ProgramArgs {
  /**
   * How many clients may have a process of the server each, from 1 to 100: those of the older era that can be asked
   * something (elicitation, sampling, roots), for as long as their session lasts. All others share one process. For servers
   * of the older era that ask, and keep nothing in memory that clients share; one of 2026-07-28 needs none. Default: none,
   * such a server can ask nobody.
   */
  sessionProcesses?: number;
}

/** What a {@link Server} takes: a target and exactly one of `stdio`, `http`, `remote` and `offered`. */
export interface ServerArgs {
  /** Where it runs. */
  target: Target;
  /** A server that speaks stdio; it runs behind a bridge to streamable HTTP. */
  stdio?: StdioArgs;
  /** A server that speaks streamable HTTP. */
  http?: HttpArgs;
  /** A server that runs elsewhere and is only reached from here. */
  remote?: RemoteArgs;
  /**
   * A server that another stack runs and offers: nothing is made here, and all that may stand beside it is less of it
   * than is offered, by `tools` and `timeout`.
   */
  offered?: Offer;
  /**
   * Environment variables; a secret goes in as `secrets.ref(key)` or, where the server reads a file, `secrets.file(key)`,
   * never as its value. Default: none.
   */
  env?: Record<string, string | SecretRef>;
  /** How many instances answer. Default: 1. A stdio server and one that keeps sessions have one. */
  replicas?: number;
  /** More instances under load, where the target can; `replicas` is the least. Default: none. */
  autoscale?: {
    /** How many at most. */
    max: number;
    /** Share of its processor that an instance should be at, between 0.1 and 1. Default: 0.7. */
    cpu?: number;
  };
  /** What each instance is given and held to, where the target can. Amounts are written as in Kubernetes. */
  resources?: {
    /** Processor it is promised; it may use more while there is some. Default: `"100m"`. */
    cpu?: string;
    /** Memory it is promised, and its limit. Default: `"256Mi"`. */
    memory?: string;
  };
  /**
   * What it may connect to beyond its callers: `host:port`, or a network, as in `"10.2.0.0/16:5432"`; `"*:443"` is the
   * whole world. Held to where the target can. Default: nothing.
   */
  egress?: string[];
  /** Longest time for one request, retries included. Default: the gateway's `resilience.timeout`. */
  timeout?: Duration;
  /** Longest time until a start answers in MCP. Default: `"60s"`. */
  startTimeout?: Duration;
  /** How its failures are met. Default: as the gateway's `resilience` says. */
  resilience?: ServerResilienceArgs;
  /** What is different for some of its tools, by the server's own names for them. Default: nothing. */
  perTool?: Record<string, ToolArgs>;
  /**
   * Whether it keeps data; {@link dataDirectory} stands for the place, and is its working directory. The data lives as
   * long as the server: it is deleted when the server is taken out, renamed or destroyed, unless Pulumi's `protect`
   * keeps it. Default: false.
   */
  storage?: boolean;
  /** The tools it is expected to have; what it lists beyond them stays hidden. Default: all that it lists. */
  tools?: string[];
}
