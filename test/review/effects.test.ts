import { describe, expect, test } from "vitest";
import { effectsOf } from "../../review/effects.ts";
import type { Step } from "../../review/events.ts";
import { integration } from "./models.ts";

const owner = (component: "Server" | "Gateway", name: string): Step => ({
  op: "update",
  urn: `urn:${name}`,
  type: `mcp-infra:index:${component}`,
  name,
  before: {},
  after: {},
});
const process = (parent: string, change: Partial<Step> = {}): Step => ({
  op: "update",
  urn: `urn:${parent}-process`,
  type: "mcp-infra-local:index:Process",
  name: `${parent}-process`,
  parent: `urn:${parent}`,
  before: { env: {} },
  after: { env: { A: "b" } },
  ...change,
});
const deployment = (parent: string, before: object, after: object): Step =>
  process(parent, {
    type: "kubernetes:apps/v1:Deployment",
    before: { spec: before },
    after: { spec: after },
  });

const steps = (...parts: Step[]) => [owner("Server", "github"), owner("Gateway", "edge"), ...parts];
const pair = { before: integration(), after: integration() };

describe("what a change does to calls", () => {
  test.each<[string, Step, string, string, RegExp]>([
    [
      "a server of this machine",
      process("github"),
      "server github",
      "interruption",
      /restarts.*sessions end/,
    ],
    ["a gateway of this machine", process("edge"), "gateway edge", "none", /no call is lost/],
    [
      "a process that has died",
      process("github", {
        before: { env: {}, status: "running" },
        after: { env: {}, status: "not running (pid 7 has ended); it is started again" },
      }),
      "server github",
      "none",
      /was found down, and is started again/,
    ],
    [
      "a server with data that goes",
      process("github", { op: "delete", before: { storage: true } }),
      "server github",
      "lasting",
      /its data is deleted/,
    ],
    [
      "a workload's new pods",
      deployment("github", { template: 1 }, { template: 2 }),
      "server github",
      "none",
      /pod by pod.*sessions end/,
    ],
    [
      "a workload that can't run twice",
      deployment("github", { template: 1 }, { template: 2, strategy: { type: "Recreate" } }),
      "server github",
      "interruption",
      /stopped before its successor starts/,
    ],
    [
      "more replicas",
      deployment("github", { template: 1, replicas: 2 }, { template: 1, replicas: 3 }),
      "server github",
      "none",
      /gets 1 replica; the others go on/,
    ],
  ])("%s", (_, step, subject, impact, text) => {
    expect(effectsOf(steps(step), [pair])).toEqual([{ subject, impact, text: expect.stringMatching(text) }]);
  });

  test("calls of a server with a standby go there meanwhile", () => {
    const failover = [{ primary: "github", standby: ["spare"] }];
    const after = integration({ gateway: { failover } });
    const [effect] = effectsOf(steps(process("github")), [{ before: after, after }]);
    expect(effect?.text).toContain("calls go to spare meanwhile");
  });

  test("another address, a server that is gone and a token that ends are for somebody to act on", () => {
    const before = integration();
    const after = integration({
      gateway: { listen: { port: 7500 } },
      rest: { servers: [], consumers: [] },
    });
    expect(effectsOf([], [{ before, after }]).map(({ subject, impact }) => [subject, impact])).toEqual([
      ["gateway edge", "lasting"],
      ["server github", "lasting"],
      ["consumer support-agent", "lasting"],
    ]);
  });
});
