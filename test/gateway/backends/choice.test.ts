import { expect, test } from "vitest";
import { type Candidate, choose } from "../../../gateway/backends/choice.ts";

const member = (name: string, condition: Candidate["condition"] = "ready", inFlight = 0) => ({
  name,
  condition,
  inFlight,
});
type Members = ReturnType<typeof member>[];

test.each<[string, "standby" | "balanced", Members, number, string | undefined]>([
  ["standby: the first", "standby", [member("a", "ready", 9), member("b")], 1, "a"],
  ["standby: the next when that is down", "standby", [member("a", "down"), member("b")], 0, "b"],
  ["standby: the next when that has no room", "standby", [member("a", "busy"), member("b")], 0, "b"],
  ["one that is busy before one that is down", "standby", [member("a", "down"), member("b", "busy")], 0, "b"],
  [
    "one that is down before one that is barred",
    "standby",
    [member("a", "barred"), member("b", "down")],
    0,
    "b",
  ],
  ["a bad one when there is no other", "standby", [member("a", "barred")], 0, "a"],
  ["balanced: the least in flight", "balanced", [member("a", "ready", 3), member("b", "ready", 2)], 0, "b"],
  ["balanced: health before load", "balanced", [member("a", "down", 0), member("b", "ready", 50)], 0, "b"],
  ["balanced: idle ones by turns", "balanced", [member("a"), member("b"), member("c")], 0, "a"],
  ["balanced: the next turn", "balanced", [member("a"), member("b"), member("c")], 1, "b"],
  ["balanced: and round", "balanced", [member("a"), member("b"), member("c")], 5, "c"],
  ["nobody of none", "balanced", [], 3, undefined],
])("%s", (_name, mode, members, turn, expected) => {
  expect(choose(members, mode, turn)?.name).toBe(expected);
});
