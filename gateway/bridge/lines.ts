import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Calls `onLine` for each line of a stream, without its end. (`readline` also cuts at U+2028, which JSON allows.) */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let pending: string[] = [];
  stream.on("data", (chunk: Buffer) => {
    let text = decoder.write(chunk);
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = pending.join("") + text.slice(0, end);
      pending = [];
      text = text.slice(end + 1);
      onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
    if (text !== "") pending.push(text);
  });
  stream.on("end", () => {
    const rest = pending.join("") + decoder.end();
    if (rest !== "") onLine(rest);
  });
  stream.on("error", () => {});
}
