/** Ctrl-C, an end from outside, and a terminal that is closed. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Does work that must be brought to an end in order: the first signal asks it to end early, and further ones change
 * nothing. Output that nobody takes any more, as after the terminal is closed, does not end it either.
 *
 * @param onInterrupt told of the first signal.
 */
export async function inOrder<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onInterrupt: () => void,
): Promise<T> {
  const ended = new AbortController();
  const end = () => {
    if (ended.signal.aborted) return;
    ended.abort();
    onInterrupt();
  };
  // They stay: what was written reports its failure later.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  for (const each of SIGNALS) process.on(each, end);
  try {
    return await work(ended.signal);
  } finally {
    for (const each of SIGNALS) process.off(each, end);
  }
}
