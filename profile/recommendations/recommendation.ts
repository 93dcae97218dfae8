import type { IntegrationModel } from "../../components/model/integration.ts";
import type { ServerModel } from "../../components/model/server.ts";
import type { Measurements } from "../figures.ts";

/** A setting to change. */
export interface Recommendation {
  /** What it is about: a server, a tool by the name that callers know, or a consumer. */
  subject: string;
  /** The setting as it should stand in the declaration. */
  change: string;
  /** The figures that it follows from. */
  because: string;
}

/** What recommendations follow from. */
export interface Evidence {
  model: IntegrationModel;
  measurements: Measurements;
  /** Clients at once that the objective is to hold for. */
  clients: number;
}

/** One kind of recommendation: a pure function of what was measured and what is declared. */
export type Recommender = (evidence: Evidence) => Recommendation[];

/** The declaration of a server. */
export function serverNamed({ servers }: IntegrationModel, name: string): ServerModel | undefined {
  return servers.find((server) => server.name === name);
}

/** A duration as the declaration writes it: rounded up to what a person would write. */
export function asDuration(milliseconds: number): string {
  if (milliseconds > 60_000) return `${Math.ceil(milliseconds / 60_000)}m`;
  if (milliseconds > 1_000) return `${Math.ceil(milliseconds / 1_000)}s`;
  return `${Math.ceil(milliseconds / 50) * 50}ms`;
}
