import { stringify } from "yaml";
import type { GatewayModel } from "../model/gateway.ts";

/** One alert before the labels and the delay that all of them share. */
export interface Alert {
  alert: string;
  expr: string;
  /** `page` wakes somebody up; `ticket` waits for working hours. */
  severity: "page" | "ticket";
  summary: string;
  description: string;
  /** What to do first. */
  action: string;
}

/** Rules that Prometheus evaluates together, in the form of its rule files. */
export interface RuleGroup {
  name: string;
  rules: Record<string, unknown>[];
}

const units = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** Milliseconds as a Prometheus duration, in the largest unit that needs no fraction. */
export function prometheusDuration(milliseconds: number): string {
  for (const [unit, size] of units) if (milliseconds % size === 0) return `${milliseconds / size}${unit}`;
  return `${milliseconds}ms`;
}

/** A PromQL selector that matches labels exactly, and by further matchers; JSON's quoting is PromQL's. */
export function selector(metric: string, labels: Record<string, string>, ...matchers: string[]): string {
  const exact = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${metric}{${[...exact, ...matchers].join(",")}}`;
}

/**
 * What tells an integration's series from those of its like in the same Prometheus, beside the job, which has the
 * gateway's name: a cluster may have one of that name in another namespace.
 */
export interface Scope {
  namespace?: string;
}

/** The selectors of one gateway's own series. */
export type Series = (metric: string, labels?: Record<string, string>, ...matchers: string[]) => string;

/** How the series of a gateway are selected. */
export function seriesOf(gateway: Pick<GatewayModel, "name">, scope: Scope): Series {
  return (metric, labels, ...matchers) =>
    selector(metric, { job: gateway.name, ...scope, ...labels }, ...matchers);
}

/** Rule groups as a rule file. No line breaks inside an expression: a diff shows one line for each rule that changed. */
export function ruleFile(groups: RuleGroup[]): string {
  return stringify({ groups }, { lineWidth: 0 });
}
