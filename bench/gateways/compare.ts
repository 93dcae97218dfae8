import type { Histogram } from "hdr-histogram-js";
import { median } from "../measure.ts";
import type { Contender } from "./contenders.ts";
import { type Generator, type Measured, newTimes } from "./generator.ts";
import type { What } from "./what.ts";

/** What is done to each in a round. */
const PHASES = [
  { key: "one", what: "small", clients: 1, milliseconds: 1_000 },
  { key: "many", what: "small", clients: 16, milliseconds: 1_500 },
  { key: "large", what: "large", clients: 1, milliseconds: 600 },
  { key: "streamed", what: "streamed", clients: 1, milliseconds: 600 },
] as const satisfies { key: string; what: What; clients: number; milliseconds: number }[];

type Phase = (typeof PHASES)[number]["key"];

/** What was measured of one contender. */
export interface Figures {
  name: string;
  version: string;
  /** Times of all rounds, by phase, in microseconds. */
  times: Record<Phase, Histogram>;
  /** Median time of a small call, less the direct one's of the same round, in milliseconds: one each round. */
  overDirect: number[];
  /** Small calls a second of 16 clients. */
  rate: number[];
  /** Their ratio to the bare pipe's in the same round. */
  ofPipe: number[];
  /** Processor time of its process for a small call under load, in milliseconds. */
  cpu: number[];
  /** Memory before the first call, and after the last round under load, in bytes. */
  memory: { rest: number; load: number };
  /** Why answers were wrong, by phase. */
  wrong: Partial<Record<Phase, string>>;
}

/**
 * Measures all side by side: in each round one phase after the other, and in each phase one contender after the other,
 * so that a machine that slows down slows all of them. The first two are the server itself and the bare pipe.
 */
export async function compare(
  contenders: readonly Contender[],
  generator: Generator,
  rounds: number,
): Promise<Figures[]> {
  const all: Figures[] = [];
  for (const contender of contenders) all.push(await begun(contender, generator));
  for (let round = 0; round < rounds; round++) {
    for (const { key, ...load } of PHASES) {
      const measured: Measured[] = [];
      for (const [index, { target, program }] of contenders.entries()) {
        const cpuBefore = await program.cpu();
        const found = await generator.run({ ...load, target });
        const figures = all[index];
        if (!figures) continue;
        measured.push(found);
        figures.times[key].add(found.times);
        if (found.reason) figures.wrong[key] ??= found.reason;
        if (key !== "many") continue;
        figures.cpu.push(((await program.cpu()) - cpuBefore) / found.calls);
        figures.rate.push(found.calls / found.seconds);
        figures.memory.load = await program.memory();
      }
      note(all, key, measured);
    }
  }
  return all;
}

/** The ratios of one round. */
function note(all: Figures[], phase: Phase, measured: readonly Measured[]): void {
  const [direct, pipe] = measured;
  for (const [index, { times, calls, seconds }] of measured.entries()) {
    if (phase === "one" && direct)
      all[index]?.overDirect.push(
        (times.getValueAtPercentile(50) - direct.times.getValueAtPercentile(50)) / 1000,
      );
    if (phase === "many" && pipe) all[index]?.ofPipe.push(calls / seconds / (pipe.calls / pipe.seconds));
  }
}

/** Its memory at rest, then calls that nobody counts: until code is compiled, connections open, sessions begun. */
async function begun({ name, target, program }: Contender, generator: Generator): Promise<Figures> {
  const rest = await program.memory();
  const { version } = await generator.run({ target, what: "small", clients: 16, milliseconds: 2_000 });
  const times = { one: newTimes(), many: newTimes(), large: newTimes(), streamed: newTimes() };
  const memory = { rest, load: rest };
  return { name, version, times, overDirect: [], rate: [], ofPipe: [], cpu: [], memory, wrong: {} };
}

/** Whether the gateway reaches what it is to reach. */
export function goals(figures: readonly Figures[]): { goal: string; measured: string; met: boolean }[] {
  const own = figures.find(({ name }) => name === "mcp-infra");
  const vmcp = figures.find(({ name }) => name.includes("vMCP"));
  if (!own) return [];
  const over = median(own.overDirect);
  const ofPipe = median(own.ofPipe);
  const times = vmcp && median(own.rate) / median(vmcp.rate);
  return [
    { goal: "median within 0.5 ms of direct", measured: `${over.toFixed(2)} ms`, met: over <= 0.5 },
    {
      goal: "at least 3/4 of the bare pipe's calls",
      measured: `${(ofPipe * 100).toFixed(0)} %`,
      met: ofPipe >= 0.75,
    },
    ...(times
      ? [{ goal: "at least 5 × vMCP's calls", measured: `${times.toFixed(1)} ×`, met: times >= 5 }]
      : []),
  ];
}
