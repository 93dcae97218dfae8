/** What the measured server does, so that whoever calls it knows what is right. */

/** Text of the large result: 1 MiB with the quotes and line ends that real text has, so that JSON has to escape them. */
export const LARGE = 'A line of "text", as a file or a page has it.\n'.repeat(22_800).slice(0, 1 << 20);

/** Progress notifications before the streamed result. */
export const EVENTS = 10;

/** What is measured: a tool of the server by its name, or the list of its tools. */
export type What = "small" | "large" | "streamed" | "list";

/** A definition of the size that real tools have. */
export function definition(name: string) {
  return {
    name,
    description: `Searches the ${name} index for documents that match a query, and gives the best of them with a summary.`,
    inputSchema: {
      type: "object",
      properties: {
        text: { type: "string", description: "What to look for; quotation marks keep words together" },
        limit: { type: "integer", minimum: 1, maximum: 100, description: "How many documents at most" },
        since: { type: "string", format: "date-time", description: "Only what has changed after this time" },
      },
      required: [],
    },
    annotations: { readOnlyHint: true },
  };
}

/** The tools that are called. */
export const TOOLS = (["small", "large", "streamed"] as const).map(definition);
