/** What can happen to a server. */
export const faults = ["kill", "hang", "slow", "corrupt"] as const;

/**
 * What can happen to a server: `kill` ends it at once, with what is under way; `hang` lets it take requests and answer
 * none; `slow` delays its answers; `corrupt` puts something in its place that answers garbage.
 */
export type Fault = (typeof faults)[number];

/** Ends a fault; the server is as it was before. */
export type Relief = () => Promise<void>;

/** A live server that something can be done to. */
export interface Victim {
  /** Its name, as declared. */
  server: string;
  /** What can be done to it where it runs. */
  faults: readonly Fault[];
  /** Does it. What begins here ends with the relief, whatever becomes of the drill in between. */
  inflict(fault: Fault): Promise<Relief>;
}

/** What a drill can't do, or could not undo, in words for people. */
export class DrillFailure extends Error {}
