export { exercise, type Observation } from "./exercise.ts";
export { judge, type Verdict } from "./verdict.ts";
export { DrillFailure, type Fault, faults, type Relief, type Victim } from "./victim.ts";
