import { isAnswered, type Measurements } from "../figures.ts";
import { concurrency } from "./concurrency.ts";
import { failureSettings } from "./failures.ts";
import { lists } from "./lists.ts";
import type { Evidence, Recommendation, Recommender } from "./recommendation.ts";
import { replicas } from "./replicas.ts";
import { timeouts } from "./timeout.ts";

const recommenders: readonly Recommender[] = [timeouts, concurrency, replicas, failureSettings, lists];

/** The settings to change, by what was measured. */
export function recommend(evidence: Evidence): Recommendation[] {
  const measurements = meaningful(evidence.measurements);
  return recommenders.flatMap((each) => each({ ...evidence, measurements }));
}

/** A tool that never succeeded needs a repair: nothing that was measured of it says how long it takes. */
function meaningful({ tools, skipped, ...rest }: Measurements): Measurements {
  const { answered = [], silent = [] } = Object.groupBy(tools, ({ levels }) =>
    levels.some(isAnswered) ? "answered" : "silent",
  );
  const never = silent.map(({ name }) => ({ name, reason: "never succeeded" }));
  return { ...rest, tools: answered, skipped: [...skipped, ...never] };
}
