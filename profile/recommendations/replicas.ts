import { resilienceOf } from "../../components/model/resilience.ts";
import { programOf } from "../../components/model/server.ts";
import { inMilliseconds, verdictOn } from "../verdict.ts";
import { type Evidence, type Recommendation, serverNamed } from "./recommendation.ts";

/**
 * More replicas where one server does not hold the objective for all clients, but for some: as many times more as there
 * are calls at once for which it does not (Little's law: what is in a system is its rate times its time, so to serve
 * more at once in the same time takes as many times more of it).
 */
export function replicas({ model, measurements, clients }: Evidence): Recommendation[] {
  const objectives = model.gateway?.objectives;
  if (!objectives) return [];
  const needed = new Map<string, Recommendation & { count: number }>();
  for (const { server: name, tool, levels } of measurements.tools) {
    const server = serverNamed(model, name);
    if (!server || !programOf(server)) continue;
    const bound = resilienceOf(server, model).concurrency;
    const { holdsFor } = verdictOn({ levels }, objectives, clients);
    const wanted = levels.find((level) => level.clients === clients);
    // Where the bound holds calls back, more replicas would stand idle.
    if (!wanted || holdsFor === 0 || holdsFor >= clients || (bound && bound.calls <= holdsFor)) continue;
    const count = Math.ceil((server.replicas * clients) / holdsFor);
    if (count <= (needed.get(name)?.count ?? server.replicas)) continue;
    needed.set(name, {
      subject: name,
      count,
      change: `replicas: ${count}`,
      because: `with ${server.replicas} the objective holds for ${holdsFor} calls of ${tool} at once; ${clients} at once take ${inMilliseconds(wanted.p95)} at p95, ${Math.round(wanted.rate)} calls/s in all`,
    });
  }
  return [...needed.values()].map(({ subject, change, because }) => ({ subject, change, because }));
}
