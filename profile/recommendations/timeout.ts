import { timeoutOf } from "../../components/model/integration.ts";
import { inWords } from "../../smoke/deadline.ts";
import type { ToolFigures } from "../figures.ts";
import { inMilliseconds } from "../verdict.ts";
import { asDuration, type Evidence, type Recommendation, serverNamed } from "./recommendation.ts";

/** The slow calls of a bad day take a few times as long as those of the day of measuring. */
const ROOM = 3;

/** From so many times the 99th percentile on, a timeout does nothing but let callers wait. */
const TOO_LOOSE = 50;

/** Under this a timeout is no burden, however fast the tool is, in milliseconds. */
const SHORT = 2_000;

/** A timeout that cuts off calls which would have come through, or lets callers wait long for a server that hangs. */
export function timeouts({ model, measurements, clients }: Evidence): Recommendation[] {
  return measurements.tools.flatMap((figures) => {
    const { server: name, tool, levels } = figures;
    const server = serverNamed(model, name);
    const timeout = server && (server.perTool[tool]?.timeout ?? timeoutOf(server, model));
    const usual = levels.findLast((level) => level.clients <= clients);
    if (!timeout || !usual) return [];
    const cut = levels.find(({ failed }) => failed.timeout > 0);
    if (cut && cut.clients <= clients) {
      const because = `${cut.failed.timeout} of ${cut.calls} calls had no answer within ${inWords(timeout)}, with ${cut.clients} at once`;
      return [recommendation(figures, 2 * timeout, because)];
    }
    if (usual.p99 * ROOM > timeout) {
      const because = `p99 is ${inMilliseconds(usual.p99)} with ${usual.clients} at once, and the timeout only ${inWords(timeout)}`;
      return [recommendation(figures, usual.p99 * ROOM, because)];
    }
    if (timeout > SHORT && timeout > usual.p99 * TOO_LOOSE && usual.calls > 100) {
      const because = `p99 is ${inMilliseconds(usual.p99)}, but who meets a server that hangs waits ${inWords(timeout)}`;
      return [recommendation(figures, Math.max(SHORT, usual.p99 * ROOM), because)];
    }
    return [];
  });
}

function recommendation({ name, tool }: ToolFigures, timeout: number, because: string): Recommendation {
  return {
    subject: name,
    change: `perTool: { ${JSON.stringify(tool)}: { timeout: "${asDuration(timeout)}" } }`,
    because,
  };
}
