import { afterAll, expect, test } from "vitest";
import { Farm, type Front, type Moody, type Outcome } from "./backends/moody.ts";
import { Fixture, until } from "./fixture.ts";

const fixture = new Fixture();
afterAll(() => fixture.close());
const farm = new Farm(fixture);

/** What a gateway does that a declaration says nothing about. */
const resilience = {
  retry: { attempts: 3, backoffMs: 50, maxBackoffMs: 1000 },
  circuitBreaker: { failures: 5, cooldownMs: 10_000 },
  concurrency: { calls: 64, queue: 64, waitMs: 1000 },
};

type Made = Outcome & { id: string; at: number };

/** Several clients that call without a pause; each call has an id that no other has. */
class Load {
  readonly reads: Made[] = [];
  readonly writes: Made[] = [];
  readonly #done: Promise<unknown>;
  #stopped = false;
  #next = 0;

  constructor(front: Front, clients: number) {
    const client = async (tool: "read" | "write") => {
      while (!this.#stopped) {
        const id = `${front.program.pid} ${tool} ${this.#next++}`;
        const at = performance.now();
        const outcome = await front.call(`main__${tool}`, { id, ms: 5 });
        this[tool === "read" ? "reads" : "writes"].push({ ...outcome, id, at });
      }
    };
    this.#done = Promise.all(
      Array.from({ length: clients }, (_, index) => client(index % 2 ? "write" : "read")),
    );
  }

  /** Waits until clients have had so many more answers. */
  async more(answers: number, deadlineMs?: number): Promise<void> {
    const goal = this.reads.length + this.writes.length + answers;
    await until(() => this.reads.length + this.writes.length >= goal, deadlineMs);
  }

  stop(): Promise<unknown> {
    this.#stopped = true;
    return this.#done;
  }
}

/** Two equivalent servers under load, of which the first is harmed for a while. */
async function drill(
  name: string,
  harm: (main: Moody) => void | Promise<void>,
  relieve: (main: Moody) => unknown,
): Promise<Load> {
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const front = await farm.gateway([main, spare], { timeoutMs: 10_000, resilience }, "standby");
  const load = new Load(front, 12);
  await load.more(300);
  const harmed = performance.now();
  await harm(main);
  await until(async () => (await front.health()).groups?.main?.serving === "spare", 10_000);
  const noticed = performance.now();
  await load.more(300, 15_000);
  await relieve(main);
  const relieved = performance.now();
  await until(() => load.reads.at(-1)?.by === "main", 20_000);
  const returned = performance.now();
  await load.more(300);
  await load.stop();
  const worst = Math.max(...[...load.reads, ...load.writes].map(({ ms }) => ms));
  const lost = load.writes.filter(({ error }) => error).length;
  console.log(
    `${name}: ${load.reads.length} reads, ${load.writes.length} writes (${lost} lost), worst ${worst.toFixed(0)} ms, ` +
      `noticed after ${(noticed - harmed).toFixed(0)} ms, back after ${(returned - relieved).toFixed(0)} ms`,
  );
  return load;
}

/** What has to hold, whatever is done to a server while another one can stand in. */
function judge({ reads, writes }: Load): void {
  expect(reads.filter(({ error }) => error)).toEqual([]);
  const times = new Map<string, number>();
  for (const { id } of farm.carriedOut()) times.set(id, (times.get(id) ?? 0) + 1);
  const carriedOut = (made: Made) => times.get(made.id) ?? 0;
  expect(writes.filter((made) => carriedOut(made) > 1)).toEqual([]);
  expect(writes.filter((made) => !made.error && carriedOut(made) !== 1)).toEqual([]);
  // Whoever is told that a call was not sent can rely on it; whoever is not, knows that nobody knows.
  const lost = writes.filter(({ error }) => error);
  expect(lost.filter((made) => made.error?.data?.sent === false && carriedOut(made) > 0)).toEqual([]);
  const told = ({ error }: Made) =>
    error?.data?.sent === false || error?.message.includes("it is unknown whether");
  expect(lost.filter((made) => !told(made))).toEqual([]);
}

test("killed", async () => {
  const load = await drill(
    "killed",
    (main) => main.signal("SIGKILL"),
    (main) => farm.server("main", main.port),
  );
  judge(load);
  expect(Math.max(...load.reads.map(({ ms }) => ms))).toBeLessThan(2000);
}, 60_000);

test("stopped, so that it takes calls and answers none", async () => {
  judge(
    await drill(
      "stopped",
      (main) => main.signal("SIGSTOP"),
      (main) => main.signal("SIGCONT"),
    ),
  );
}, 60_000);

test("overloaded, so that it turns all away", async () => {
  judge(
    await drill(
      "overloaded",
      (main) => main.set({ kind: "status", status: 503 }),
      (main) => main.set({ kind: "well" }),
    ),
  );
}, 60_000);

test("talking nonsense", async () => {
  judge(
    await drill(
      "nonsense",
      (main) => main.set({ kind: "half" }),
      (main) => main.set({ kind: "well" }),
    ),
  );
}, 60_000);

test("too slow for its calls, though not for its lists", async () => {
  const perTool = { read: { timeoutMs: 1000 } };
  const [main, spare] = [await farm.server("main"), await farm.server("spare")];
  const settings = {
    timeoutMs: 1000,
    perTool,
    resilience: { ...resilience, concurrency: { ...resilience.concurrency, calls: 4 } },
  };
  const front = await farm.gateway([main, spare], settings, "standby");
  const load = new Load(front, 12);
  await load.more(300);
  await main.set({ kind: "slow", ms: 400, only: "tools/call" });
  await load.more(600, 20_000);
  await load.stop();
  judge(load);
  // More calls than it can take at once go to the standby.
  expect(load.reads.filter(({ by }) => by === "spare").length).toBeGreaterThan(0);
}, 60_000);
