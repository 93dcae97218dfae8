/** One server-sent event. */
export interface ServerSentEvent {
  /** Id to resume after, when the server gave one. */
  id?: string;
  /** Milliseconds that the server wants to be left alone before a reconnection. */
  retry?: number;
  data: string;
}

/**
 * Cuts a byte stream into server-sent events (WHATWG HTML, 9.2.6). Events without data are given too, when
 * they carry an id: MCP servers open a resumable stream with such a one.
 */
export async function* serverSentEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  // The unfinished line. A long one comes in thousands of pieces, to be joined once.
  let pieces: string[] = [];
  let data: string[] = [];
  let id: string | undefined;
  let retry: number | undefined;
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    if (text === "") continue;
    pieces.push(text);
    // A lone CR at the end may be the first half of CRLF: it waits for the next chunk.
    if (!/[\r\n]/.test(text) && !pieces.at(-2)?.endsWith("\r")) continue;
    const lines = pieces.join("").split(/\r\n|\n|\r(?!$)/);
    pieces = [lines.pop() ?? ""];
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0 || id !== undefined) yield { id, retry, data: data.join("\n") };
        data = [];
        id = retry = undefined;
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
      if (field === "data") data.push(value);
      else if (field === "id") id = value;
      else if (field === "retry" && /^\d+$/.test(value)) retry = Number(value);
    }
  }
}
