import { resilienceOf } from "../../components/model/resilience.ts";
import { failures, type ToolFigures } from "../figures.ts";
import { type Evidence, type Recommendation, serverNamed } from "./recommendation.ts";

/** Openings of a breaker by mere chance that nobody minds, in an hour. */
const OPENINGS_AN_HOUR = 1;

/** The most that a declaration may say. */
const MOST_FAILURES = 1_000;

/** Retries and breakers that do not suit how often calls fail without anybody else calling. */
export function failureSettings({ model, measurements }: Evidence): Recommendation[] {
  return measurements.tools.flatMap((figures) => {
    const server = serverNamed(model, figures.server);
    const [alone] = figures.levels;
    const failed = alone ? failures(alone) : 0;
    if (!server || !alone || failed === 0 || failed === alone.calls) return [];
    const share = failed / alone.calls;
    const { retry, circuitBreaker } = resilienceOf(server, model);
    return [
      ...retries(
        figures,
        share,
        retry === false || retry?.attempts === 1,
        model.gateway?.objectives?.availability,
      ),
      ...(circuitBreaker ? breakers(figures, share, alone.rate, circuitBreaker.failures) : []),
    ];
  });
}

function retries(
  { server, name }: ToolFigures,
  share: number,
  off: boolean,
  availability = 1,
): Recommendation[] {
  if (!off || 1 - share >= availability) return [];
  const because = `${percent(share)} of the calls of ${name} fail, and it may be called again: three tries would leave ${percent(share ** 3)}`;
  return [{ subject: server, change: "resilience: { retry: { attempts: 3 } }", because }];
}

/** So many failures in a row come by chance once in 1/share^n calls. */
function breakers({ server, name }: ToolFigures, share: number, rate: number, now: number): Recommendation[] {
  const openings = (inARow: number) => rate * 3600 * share ** inARow;
  if (openings(now) <= OPENINGS_AN_HOUR) return [];
  let enough = now;
  while (openings(enough) > OPENINGS_AN_HOUR && enough < MOST_FAILURES) enough++;
  const because = `${percent(share)} of the calls of ${name} fail; at ${Math.round(rate)} calls/s ${now} in a row come by chance ${Math.round(openings(now))} times an hour, and shut all callers out`;
  return [{ subject: server, change: `resilience: { circuitBreaker: { failures: ${enough} } }`, because }];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
