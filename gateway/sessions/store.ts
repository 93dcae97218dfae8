/** How many sessions there may be, and how long they may go unused. */
export interface SessionLimits {
  max: number;
  /** In milliseconds. */
  idleMs: number;
}

/** What is kept in a store. */
export interface Kept {
  readonly id: string;
  close(): void;
}

interface Entry<Session> {
  session: Session;
  subject: string;
  /** Requests and streams under way. */
  busy: number;
  usedAt: number;
}

/** Longest time between two looks for sessions whose time is over, in milliseconds. */
const SWEEP_MS = 30_000;

/**
 * A bounded number of sessions. Each is known to its owner alone. One that goes unused for too long is closed, and
 * earlier when another one needs the place.
 */
export class SessionStore<Session extends Kept> {
  readonly #limits: SessionLimits;
  readonly #now: () => number;
  /** The one that was used longest ago comes first. */
  readonly #entries = new Map<string, Entry<Session>>();
  readonly #sweep: NodeJS.Timeout;

  constructor(limits: SessionLimits, now = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#sweep = setInterval(() => this.expire(), Math.min(limits.idleMs, SWEEP_MS)).unref();
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Makes room for a new session of somebody's. Whoever has the most gives one up: an idle one, or else, to somebody who
   * has fewer, one in use; so that who opens many does not take the places of others. `false` when there is none to give.
   */
  makeRoom(subject: string): boolean {
    if (this.#entries.size < this.#limits.max) return true;
    const entries = [...this.#entries.values()];
    const counts = new Map([[subject, 1]]);
    for (const entry of entries) counts.set(entry.subject, (counts.get(entry.subject) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const ofThose = entries.filter((entry) => counts.get(entry.subject) === most);
    const idle = ofThose.filter(({ busy }) => busy === 0);
    const inUse = counts.get(subject) === most ? undefined : ofThose[0];
    const leaving = idle.find((entry) => entry.subject === subject) ?? idle[0] ?? inUse;
    leaving?.session.close();
    if (leaving) this.delete(leaving.session.id);
    return leaving !== undefined;
  }

  /** Keeps a session. */
  add(subject: string, session: Session): void {
    this.#entries.set(session.id, { session, subject, busy: 0, usedAt: this.#now() });
  }

  /** The session with this id, if it is theirs. */
  find(id: string, subject: string): Session | undefined {
    const entry = this.#entries.get(id);
    return entry?.subject === subject ? entry.session : undefined;
  }

  /** Says that a session is in use until the function that it gives is called. */
  use(id: string): () => void {
    const entry = this.#entries.get(id);
    if (!entry) return () => {};
    entry.busy++;
    this.#touch(id, entry);
    let done = false;
    return () => {
      if (done) return;
      done = true;
      entry.busy--;
      this.#touch(id, entry);
    };
  }

  /** Forgets a session. */
  delete(id: string): void {
    this.#entries.delete(id);
  }

  /** Closes those whose time is over. */
  expire(): void {
    const oldest = this.#now() - this.#limits.idleMs;
    for (const { session, busy, usedAt } of this.#entries.values()) {
      if (usedAt > oldest) return;
      if (busy > 0) continue;
      this.delete(session.id);
      session.close();
    }
  }

  /** Closes all. */
  close(): void {
    clearInterval(this.#sweep);
    for (const { session } of this.#entries.values()) session.close();
    this.#entries.clear();
  }

  #touch(id: string, entry: Entry<Session>): void {
    if (!this.#entries.delete(id)) return; // closed meanwhile
    entry.usedAt = this.#now();
    this.#entries.set(id, entry);
  }
}
