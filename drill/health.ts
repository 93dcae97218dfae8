import { z } from "zod";

const reportSchema = z.object({
  servers: z.record(z.string(), z.object({ status: z.enum(["up", "down"]) })),
});

/** What the gateway's health says of one server; `undefined` when the gateway does not answer. */
export async function serverHealth(
  endpoint: URL,
  server: string,
  withinMs: number,
): Promise<"up" | "down" | undefined> {
  try {
    const signal = AbortSignal.timeout(Math.ceil(withinMs));
    const answer = await fetch(new URL("/health", endpoint), { signal });
    return reportSchema.parse(await answer.json()).servers[server]?.status;
  } catch {
    return undefined;
  }
}
