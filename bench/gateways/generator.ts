/** The load, in a process of its own, so that it takes no time from what it measures but the machine's. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";
import { Client, type Target } from "./client.ts";
import type { What } from "./what.ts";

/** So many clients that call as fast as the answers come. */
export interface Load {
  target: Target;
  what: What;
  clients: number;
  milliseconds: number;
}

/** What came of a load. */
export interface Measured {
  /** Right answers; the others are `wrong`. */
  calls: number;
  wrong: number;
  /** Why the first wrong answer is wrong. */
  reason?: string;
  /** How long it took in all. */
  seconds: number;
  /** Times of right answers, in microseconds. */
  times: Histogram;
  /** The protocol revision that was spoken. */
  version: string;
}

type Reply = { measured: Omit<Measured, "times"> & { times: string } } | { error: string };

/** The process that makes the load. */
export interface Generator {
  /** @throws Error when the target can't be called. */
  run(load: Load): Promise<Measured>;
  end(): void;
}

/** Times from a microsecond to a minute. */
export const newTimes = () => build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 });

/** Starts the process that makes the load. It makes one at a time. */
export function startGenerator(): Generator {
  const child = fork(fileURLToPath(import.meta.url));
  return {
    run: (load) =>
      new Promise((resolve, reject) => {
        const onExit = () => reject(new Error("the load generator ended"));
        child.once("exit", onExit);
        child.once("message", (reply: Reply) => {
          child.off("exit", onExit);
          if ("error" in reply) reject(new Error(reply.error));
          else resolve({ ...reply.measured, times: decodeFromCompressedBase64(reply.measured.times) });
        });
        child.send(load);
      }),
    end: () => void child.disconnect(),
  };
}

/** A client is kept, so that its connections and its session are those of the last time. */
const clients = new Map<string, Promise<Client>>();

function clientOf(target: Target): Promise<Client> {
  const key = JSON.stringify(target);
  const client = clients.get(key) ?? Client.open(target);
  clients.set(key, client);
  client.catch(() => clients.delete(key));
  return client;
}

async function make({ target, what, clients: count, milliseconds }: Load): Promise<Measured> {
  const client = await clientOf(target);
  const measured: Measured = { calls: 0, wrong: 0, seconds: 0, times: newTimes(), version: client.version };
  const begun = performance.now();
  const worker = async () => {
    while (performance.now() - begun < milliseconds) {
      try {
        measured.times.recordValue(Math.max(1, Math.round((await client.call(what)) * 1000)));
        measured.calls += 1;
      } catch (error) {
        measured.wrong += 1;
        measured.reason ??= error instanceof Error ? error.message : String(error);
        // A target that refuses at once is not to be hammered.
        await new Promise((done) => setTimeout(done, 10));
      }
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
  return { ...measured, seconds: (performance.now() - begun) / 1000 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on("disconnect", () => process.exit());
  process.on("message", async (load: Load) => {
    const reply: Reply = await make(load).then(
      (measured) => ({ measured: { ...measured, times: encodeIntoCompressedBase64(measured.times) } }),
      (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
    );
    process.send?.(reply);
  });
}
