import type { IntegrationModel } from "../components/model/integration.ts";
import { type ExampleCall, exampleCalls } from "./calls.ts";
import {
  distributionOf,
  failures,
  type Level,
  levelOf,
  type Measurements,
  type ToolFigures,
} from "./figures.ts";
import { listFigures } from "./lists.ts";
import { load, type Sample } from "./load.ts";

/** What is measured, and for how long. */
export interface ProfileOptions {
  model: IntegrationModel;
  endpoint: URL;
  /** Bearer token of each consumer, by its name; empty where the gateway asks for none. */
  tokens: Readonly<Record<string, string>>;
  /** Time for each number of clients at each tool, in milliseconds. */
  stepMs: number;
  /** Number of clients that is measured in any case. */
  clients: number;
  /** Told of each tool before it is called. */
  onTool?: (name: string) => void;
}

/** More clients than this on one machine measure the machine. */
const MOST_CLIENTS = 64;

/** Less than this much more than with half the clients, and more clients get nothing more out of it. */
const GROWTH = 1.1;

/**
 * Calls each tool that may be called again and again, by 1, 2, 4, … clients, until more of them get no more out of it or
 * calls fail; one tool after the other, so that each figure is about one. And lists what each consumer sees.
 *
 * @throws RequestFailure when the gateway can't be asked.
 */
export async function measure(options: ProfileOptions): Promise<Measurements> {
  const { model, endpoint, tokens } = options;
  const { repeatable, skipped } = await exampleCalls(model, endpoint, tokens);
  const byTool = new Map(repeatable.toReversed().map((call) => [call.name, call]));
  const tools: ToolFigures[] = [];
  for (const call of [...byTool.values()].reverse()) {
    options.onTool?.(call.name);
    tools.push(await toolFigures(call, options));
  }
  return { tools, lists: await listFigures(model, endpoint, tokens), skipped };
}

async function toolFigures(call: ExampleCall, options: ProfileOptions): Promise<ToolFigures> {
  const { server, tool, name } = call;
  const figures: ToolFigures = { server, tool, name, levels: [], distribution: [] };
  for (const clients of steps(options.clients)) {
    const { samples: all, from } = await step(call, clients, options);
    const samples = all.filter(({ refused }) => refused !== "limit");
    const limited = all.length - samples.length;
    if (limited > 0) figures.limited = (figures.limited ?? 0) + limited;
    const level = levelOf(clients, samples, from);
    figures.levels.push(level);
    figures.failure ??= samples.find(({ failure }) => failure !== undefined)?.failure;
    if (clients === 1) figures.distribution = distributionOf(samples);
    if (clients >= options.clients && !isWorthMore(figures.levels)) break;
  }
  return figures;
}

/** Powers of two, and the number that is measured in any case. */
function steps(clients: number): number[] {
  const powers = Array.from({ length: Math.log2(MOST_CLIENTS) + 1 }, (_, exponent) => 2 ** exponent);
  return [...new Set([...powers, clients])].sort((a, b) => a - b);
}

/** Whether the last step got more out of it than the one before, without failures. */
function isWorthMore(levels: readonly Level[]): boolean {
  const [last, before] = levels.toReversed();
  if (!last || failures(last) > 0) return false;
  return !before || last.rate >= before.rate * GROWTH;
}

async function step(call: ExampleCall, clients: number, { endpoint, stepMs }: ProfileOptions) {
  const samples: Sample[] = [];
  const from = performance.now() + stepMs / 10;
  await load({
    endpoint,
    calls: [call],
    clients,
    signal: AbortSignal.timeout(stepMs),
    onSample: (sample) => void samples.push(sample),
  });
  return { samples, from };
}
