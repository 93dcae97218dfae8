/** What a change is about. */
export type SubjectKind =
  | "integration"
  | "server"
  | "consumer"
  | "gateway"
  | "secrets"
  | "alerting"
  | "smoke test";

/** One difference between what is deployed and what is declared, in words of the domain. No secrets: of those only names. */
export interface DomainChange {
  kind: SubjectKind;
  /** Name of the server, consumer, … */
  name: string;
  change: "added" | "removed" | "changed";
  /** Which fact of it: `replicas`, `timeout`, `uses`. Absent where the whole is new or gone. */
  fact?: string;
  /** Absent where there was nothing, or where it is not for showing. */
  before?: string;
  after?: string;
  /** Of a fact that is a list: what came to it, and what went. */
  gained?: string[];
  lost?: string[];
}
