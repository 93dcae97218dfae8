import { timeoutOf } from "../../components/model/integration.ts";
import { unqualified } from "../../gateway/access.ts";
import { inWords } from "../../smoke/deadline.ts";
import { isAnswered, type ToolFigures } from "../figures.ts";
import { inMilliseconds } from "../verdict.ts";
import { asDuration, type Evidence, type Recommendation, serverNamed } from "./recommendation.ts";

/** The slow calls of a bad day take a few times as long as those of the day of measuring. */
const ROOM = 3;

/** From so many times the 99th percentile on, a timeout does nothing but let callers wait. */
const TOO_LOOSE = 50;

/** Under this a timeout is no burden, however fast the tool is, in milliseconds. */
const SHORT = 2_000;

/** A timeout that one tool asks for. */
interface ToolTimeout {
  figures: ToolFigures;
  /** As the declaration writes it. */
  timeout: string;
  because: string;
}

/**
 * A timeout that cuts off calls which would have come through, or lets callers wait long for a server that hangs. Where all
 * tools of a server ask for the same one, it is the server's.
 */
export function timeouts(evidence: Evidence): Recommendation[] {
  const found = evidence.measurements.tools.flatMap((figures) => timeoutFor(figures, evidence) ?? []);
  return [...Map.groupBy(found, ({ figures }) => figures.server)].flatMap(([server, asked]) =>
    isForAll(server, asked, evidence) ? [ofServer(server, asked)] : asked.map(ofTool),
  );
}

function timeoutFor(figures: ToolFigures, { model, clients }: Evidence): ToolTimeout | undefined {
  const { server: name, tool, levels } = figures;
  const server = serverNamed(model, name);
  const timeout = server && (server.perTool[tool]?.timeout ?? timeoutOf(server, model));
  const usual = levels.findLast((level) => level.clients <= clients && isAnswered(level));
  if (!timeout || !usual) return undefined;
  const asking = (milliseconds: number, because: string): ToolTimeout => ({
    figures,
    timeout: asDuration(milliseconds),
    because,
  });
  const cut = levels.find(({ failed }) => failed.timeout > 0);
  if (cut && cut.clients <= clients) {
    const because = `${cut.failed.timeout} of ${cut.calls} calls had no answer within ${inWords(timeout)}, with ${cut.clients} at once`;
    return asking(2 * timeout, because);
  }
  if (usual.p99 * ROOM > timeout) {
    const because = `p99 is ${inMilliseconds(usual.p99)} with ${usual.clients} at once, and the timeout only ${inWords(timeout)}`;
    return asking(usual.p99 * ROOM, because);
  }
  if (timeout > SHORT && timeout > usual.p99 * TOO_LOOSE && usual.calls > 100) {
    const because = `p99 is ${inMilliseconds(usual.p99)}, but who meets a server that hangs waits ${inWords(timeout)}`;
    return asking(Math.max(SHORT, usual.p99 * ROOM), because);
  }
  return undefined;
}

/** Nothing is known of tools that were not measured, and a tool's own timeout goes before its server's. */
function isForAll(server: string, asked: readonly ToolTimeout[], { model, measurements }: Evidence): boolean {
  const { tools, skipped } = measurements;
  const { perTool = {} } = serverNamed(model, server) ?? {};
  return (
    asked.length > 1 &&
    asked.length === tools.filter((figures) => figures.server === server).length &&
    asked.every(({ timeout, figures }) => timeout === asked[0]?.timeout && !perTool[figures.tool]?.timeout) &&
    !skipped.some(({ name }) => unqualified(name)?.server === server)
  );
}

function ofServer(server: string, asked: readonly ToolTimeout[]): Recommendation {
  const because = asked.map(({ figures, because }) => `${figures.tool}: ${because}`).join("; ");
  return { subject: server, change: `timeout: "${asked[0]?.timeout}"`, because };
}

function ofTool({ figures: { name, tool }, timeout, because }: ToolTimeout): Recommendation {
  return {
    subject: name,
    change: `perTool: { ${JSON.stringify(tool)}: { timeout: "${timeout}" } }`,
    because,
  };
}
