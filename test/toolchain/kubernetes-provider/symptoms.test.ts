import { describe, expect, test } from "vitest";
import {
  crashesOf,
  podSelector,
  symptomsOf,
  warningsOf,
} from "../../../toolchain/kubernetes-provider/symptoms.ts";
import { object } from "./objects.ts";

const pod = (status: object) => object("v1/Pod", { status });
const container = (fields: object) => pod({ containerStatuses: [{ name: "c", ready: false, ...fields }] });
const waiting = (reason: string, message?: string) => ({ state: { waiting: { reason, message } } });
const exited = { lastState: { terminated: { exitCode: 3 } } };

const cases: [string, object, string[]][] = [
  [
    "no node has room",
    pod({
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }],
    }),
    ["pod thing: Unschedulable: 0/1 nodes"],
  ],
  [
    "no image",
    container(waiting("ImagePullBackOff", "Back-off pulling x")),
    ['pod thing: container "c" is waiting: ImagePullBackOff: Back-off pulling x'],
  ],
  [
    "no secret",
    container(waiting("CreateContainerConfigError", 'secret "x" not found')),
    ['pod thing: container "c" is waiting: CreateContainerConfigError: secret "x" not found'],
  ],
  [
    "ends again and again",
    container({ ...waiting("CrashLoopBackOff"), ...exited }),
    ['pod thing: container "c" is waiting: CrashLoopBackOff; it ended with exit code 3'],
  ],
  [
    "has ended",
    container({ state: { terminated: { exitCode: 1, reason: "Error" } } }),
    ['pod thing: container "c" has ended with exit code 1 (Error)'],
  ],
  [
    "runs and does not answer",
    container({ state: { running: {} } }),
    ['pod thing: container "c" runs and is not ready'],
  ],
  ["only just started", container(waiting("ContainerCreating")), []],
  ["well, after a crash", container({ ready: true, state: { running: {} }, ...exited }), []],
  ["evicted", pod({ reason: "Evicted", message: "low on memory" }), ["pod thing: Evicted: low on memory"]],
];

describe("why a pod is not ready", () => {
  test.each(cases)("%s", (_, object, expected) => {
    expect(symptomsOf(object)).toEqual(expected);
  });

  test("the last words to show are of the run that ended", () => {
    expect(crashesOf(container({ ...waiting("CrashLoopBackOff"), ...exited }))).toEqual([
      { pod: "thing", container: "c", previous: true },
    ]);
    expect(crashesOf(container({ state: { terminated: { exitCode: 1 } } }))).toMatchObject([
      { previous: false },
    ]);
    expect(crashesOf(container(waiting("ImagePullBackOff")))).toEqual([]);
  });

  test("of its events the last few count, each once", () => {
    const event = (reason: string, lastTimestamp: string) => ({
      reason,
      lastTimestamp,
      message: "m",
      involvedObject: { kind: "Pod", name: "p" },
    });
    const events = [event("C", "3"), event("A", "1"), event("B", "2"), event("D", "4"), event("D", "5")];
    expect(warningsOf(events)).toEqual(["B", "C", "D"].map((reason) => `event on Pod p: ${reason}: m`));
    expect(warningsOf(events, ["pod p: m"])).toEqual([]);
  });

  test("a workload's pods are those that its selector names", () => {
    const matchExpressions = [
      { key: "tier", operator: "In", values: ["a", "b"] },
      { key: "old", operator: "DoesNotExist" },
    ];
    const selector = { matchLabels: { app: "x" }, matchExpressions };
    expect(podSelector(object("apps/v1/Deployment", { spec: { selector } }))).toBe(
      "app=x,tier in (a,b),!old",
    );
    expect(podSelector(object("v1/Service", { spec: { selector: { app: "x" } } }))).toBe("app=x");
    expect(podSelector(object("v1/Service", { spec: {} }))).toBeUndefined();
  });
});
