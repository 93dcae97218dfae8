import { stopProcess } from "./lifecycle.ts";
import { isInterrupted, readRecords } from "./records.ts";
import { processPaths, removeQuietly, removeSockets } from "./runtime-directory.ts";

const sweeps = new Map<string, Promise<void>>();

/**
 * Ends what interrupted runs were starting in a run-time directory: the state of no resource knows of it, so that
 * nothing else would ever end it. Data and logs stay, since they may be those of a process that is there again.
 */
export function endInterrupted(directory: string): Promise<void> {
  // All that wait for the same sweep go on together; one that came late would remove what another has just started.
  const sweep = sweeps.get(directory) ?? sweepOnce(directory).finally(() => sweeps.delete(directory));
  sweeps.set(directory, sweep);
  return sweep;
}

async function sweepOnce(directory: string): Promise<void> {
  const interrupted = readRecords(directory).flatMap((record) =>
    record.damaged || !isInterrupted(record) ? [] : [record],
  );
  await Promise.all(
    interrupted.map(async (record) => {
      await stopProcess(record);
      const { run, record: file } = processPaths(directory, record.name);
      removeQuietly([run, file]);
      removeSockets(directory, record.name);
    }),
  );
}
