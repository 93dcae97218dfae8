export { exercise, type Observation } from "./exercise.ts";
export { renderDrill } from "./render.ts";
export { restOf } from "./rest.ts";
export { type Circumstances, judge, type Verdict } from "./verdict.ts";
export { DrillFailure, type Fault, faults, type Relief, type Victim } from "./victim.ts";
