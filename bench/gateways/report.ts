import { table } from "../../cli/table.ts";
import { median } from "../measure.ts";
import { type Figures, goals } from "./compare.ts";
import type { Missing } from "./contenders.ts";

/** What was measured of all, as tables for people. */
export function report(figures: readonly Figures[], missing: readonly Missing[]): string {
  return [
    table(
      ["ONE SMALL CALL", "ERA", "P50", "P95", "P99", "OVER DIRECT", "16 CLIENTS", "OF PIPE", "CPU A CALL"],
      [...figures.map(small), ...missing.map(({ name }) => [name, "not to be had"])],
    ),
    "",
    table(
      ["", "1 MB RESULT, P50", "STREAM OF 10 EVENTS, P50", "MEMORY AT REST", "UNDER LOAD"],
      figures.map(others),
    ),
    "",
    table(
      ["GOAL", "MEASURED", ""],
      goals(figures).map(({ goal, measured, met }) => [goal, measured, met ? "met" : "missed"]),
    ),
    ...figures.flatMap(wrongs),
    ...missing.map(({ name, reason }) => `${name} is not to be had: ${reason}`),
  ].join("\n");
}

function small({ name, version, times: { one }, overDirect, rate, ofPipe, cpu }: Figures): string[] {
  return [
    name,
    version.slice(0, 7),
    ...[50, 95, 99].map((each) => time(one.getValueAtPercentile(each))),
    name === "direct" ? "" : `+ ${median(overDirect).toFixed(2)} ms`,
    `${Math.round(median(rate))} calls/s`,
    `× ${median(ofPipe).toFixed(2)}`,
    Number.isNaN(median(cpu)) ? "" : `${median(cpu).toFixed(2)} ms`,
  ];
}

function others({ name, times: { large, streamed }, memory }: Figures): string[] {
  const typical = (times: typeof large) =>
    times.totalCount > 0 ? time(times.getValueAtPercentile(50)) : "wrong";
  return [name, typical(large), typical(streamed), mebibytes(memory.rest), mebibytes(memory.load)];
}

const NAMES = {
  one: "a small call",
  many: "small calls of 16",
  large: "a large result",
  streamed: "a stream",
};

function wrongs({ name, wrong }: Figures): string[] {
  return Object.entries(wrong).map(
    ([phase, reason]) => `${name}: wrong answers to ${NAMES[phase as keyof typeof NAMES]}: ${reason}`,
  );
}

/** Microseconds as milliseconds. */
function time(microseconds: number): string {
  return `${(microseconds / 1000).toFixed(microseconds < 10_000 ? 2 : 0)} ms`;
}

/** Bytes as mebibytes. */
export function mebibytes(bytes: number): string {
  return Number.isNaN(bytes) ? "" : `${Math.round(bytes / 2 ** 20)} MiB`;
}
