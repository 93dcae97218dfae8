import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { descendantsOf } from "../../components/targets/local/provider/identity.ts";
import type { ProcessInputs } from "../../components/targets/local/provider/inputs.ts";
import { startProcess, stopProcess } from "../../components/targets/local/provider/lifecycle.ts";
import { type ProcessRecord, readRecord } from "../../components/targets/local/provider/records.ts";
import { DrillFailure, type Fault, faults, type Relief, type Victim } from "../victim.ts";

/** A server's process as its stack has it. */
export interface LocalProcess {
  /** The resource that runs it. */
  urn: string;
  /** What it is started with, its secrets among it. */
  inputs: ProcessInputs;
}

/** A slow server works for so long, then stands still for so long, in milliseconds. */
const SLOW_MS = { work: 20, still: 200 };

/** A server that is a process of this machine. What was killed is started again as its stack has it. */
export function localVictim({ urn, inputs }: LocalProcess): Victim {
  const running = (): ProcessRecord => {
    const record = readRecord(inputs.directory, inputs.name);
    if (record && !record.damaged && record.alive) return record;
    throw new DrillFailure(`Server ${inputs.name} does not run: \`pulumi up\` brings it back.`);
  };
  const restart = async ({ instance, restartOf = instance }: ProcessRecord) => {
    const secrets = [...Object.values(inputs.secretEnv), ...Object.values(inputs.secretFiles ?? {})];
    await startProcess(urn, inputs, secrets, restartOf).catch((error: Error) => {
      const remedy = "`pulumi up` starts it again";
      throw new DrillFailure(`Server ${inputs.name} did not come back (${remedy}): ${error.message}`);
    });
  };
  const inflictions: Record<Fault, () => Promise<Relief>> = {
    async kill() {
      const record = running();
      kill(record);
      return () => restart(record);
    },
    async hang() {
      const record = running();
      signal(record, "SIGSTOP");
      return async () => signal(record, "SIGCONT");
    },
    async slow() {
      const record = running();
      const relieved = new AbortController();
      const stutter = stuttering(record, relieved.signal);
      return async () => {
        relieved.abort();
        await stutter;
      };
    },
    async corrupt() {
      const record = running();
      kill(record);
      const babbler = await babbling(record).catch(async (error: unknown) => {
        await restart(record);
        throw error;
      });
      return async () => {
        babbler.closeAllConnections();
        await new Promise((closed) => babbler.close(closed));
        await restart(record);
      };
    },
  };
  return { server: inputs.name, faults, inflict: (fault) => inflictions[fault]() };
}

/** The whole group at once, and what it has started in groups of their own. */
function kill(record: ProcessRecord): void {
  signal(record, "SIGKILL");
  for (const pid of descendantsOf(record.instance)) send(pid, "SIGKILL");
}

function signal({ pid }: ProcessRecord, name: NodeJS.Signals): void {
  send(-pid, name);
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it has ended by itself
  }
}

async function stuttering(record: ProcessRecord, relieved: AbortSignal): Promise<void> {
  try {
    while (!relieved.aborted) {
      signal(record, "SIGSTOP");
      await pause(SLOW_MS.still, undefined, { signal: relieved }).catch(() => undefined);
      signal(record, "SIGCONT");
      await pause(SLOW_MS.work, undefined, { signal: relieved }).catch(() => undefined);
    }
  } finally {
    signal(record, "SIGCONT");
  }
}

/** Where the server was, something takes its requests and answers half a message. */
async function babbling({ socket, url, pid, startedAt, instance }: ProcessRecord): Promise<Server> {
  await stopProcess({ pid, startedAt, instance }); // until it is gone, its address is taken
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"jsonrpc":"2.0","id":');
    });
  });
  const { hostname, port } = new URL(url);
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    if (socket === undefined) server.listen(Number(port), hostname, listening);
    else {
      rmSync(socket, { force: true }); // what was killed has left it behind
      server.listen(socket, listening);
    }
  });
  return server;
}
