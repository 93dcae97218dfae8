/**
 * Does something at once, and for each key at most once in a while: who asks in between is served at the end of it, all
 * together.
 */
export function atMostEvery(ms: number, work: (key: string) => void): (key: string) => void {
  const waiting = new Map<string, { again: boolean }>();
  const ask = (key: string) => {
    const known = waiting.get(key);
    if (known) {
      known.again = true;
      return;
    }
    const state = { again: false };
    waiting.set(key, state);
    setTimeout(() => {
      waiting.delete(key);
      if (state.again) ask(key);
    }, ms).unref();
    work(key);
  };
  return ask;
}
