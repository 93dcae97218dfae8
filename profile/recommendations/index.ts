import { concurrency } from "./concurrency.ts";
import { failureSettings } from "./failures.ts";
import { lists } from "./lists.ts";
import type { Evidence, Recommendation, Recommender } from "./recommendation.ts";
import { replicas } from "./replicas.ts";
import { timeouts } from "./timeout.ts";

const recommenders: readonly Recommender[] = [timeouts, concurrency, replicas, failureSettings, lists];

/** The settings to change, by what was measured. */
export function recommend(evidence: Evidence): Recommendation[] {
  return recommenders.flatMap((each) => each(evidence));
}
