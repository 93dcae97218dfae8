/** Label for whatever a caller or a server made up: labels take no value that there may be any number of. */
export const OTHER = "other";

/** Most tools of one server that have names in metrics. */
const MOST = 1000;

/**
 * Which tools may be named in metrics: those that their server lists, but not all those that a server lists which makes up
 * new ones again and again.
 */
export class ToolNames {
  readonly #named = new Map<string, Set<string>>();

  /** The tool as a label; `isListed` tells whether its server has such a tool. */
  of(server: string, tool: string, isListed: boolean): string {
    if (!isListed) return OTHER;
    const named = this.#named.get(server) ?? new Set();
    if (named.size === 0) this.#named.set(server, named);
    if (named.has(tool)) return tool;
    if (named.size >= MOST) return OTHER;
    named.add(tool);
    return tool;
  }
}
