import { describe, expect } from "vitest";
import { isAlive } from "../../components/targets/local/provider/identity.ts";
import { readInputs } from "../../components/targets/local/provider/process-resource.ts";
import { readRecord } from "../../components/targets/local/provider/records.ts";
import { type Properties, plain } from "../../components/targets/local/provider/values.ts";
import type { Fault } from "../../drill/index.ts";
import { localVictim } from "../../drill/targets/local.ts";
import { type ProbeOptions, probe } from "../../gateway/probe.ts";
import { test } from "../targets/local/fixture.ts";

const kinds = ["stdio", "http"] as const;

describe.each(kinds)("a %s server on this machine", (kind) => {
  test.for<[Fault, RegExp]>([
    ["kill", /nothing listens|socket does not exist|without an answer/],
    ["hang", /no answer within/],
    ["corrupt", /no JSON-RPC response/],
  ])(
    "takes %s as what it is, and serves again after it",
    async ([fault, symptom], { directory, resource, stdioServer, httpServer }) => {
      const process = resource("Process", kind);
      const declared = kind === "stdio" ? stdioServer() : await httpServer();
      const started = await process.up(declared);
      const victim = localVictim({
        urn: process.urn,
        inputs: readInputs(plain(process.state) as Properties),
      });
      expect(victim.server).toBe(declared.name);

      const relieve = await victim.inflict(fault);
      expect(await asked(started)).toMatchObject({ ok: false, reason: expect.stringMatching(symptom) });
      await relieve();
      expect(await asked(started)).toMatchObject({ ok: true });

      expect(await process.preview(declared), "what runs is what the state says").toMatchObject({
        changes: false,
      });

      const record = readRecord(directory, String(declared.name));
      expect(record).toMatchObject({ alive: true });
      await process.destroy();
      expect(record && !record.damaged && isAlive(record), "what a drill started goes with its stack").toBe(
        false,
      );
    },
  );
});

test("a server that was left stopped is no running one, and the next up starts it again", async ({
  resource,
  httpServer,
}) => {
  const process = resource("Process", "stopped");
  const declared = await httpServer();
  await process.up(declared);
  const victim = localVictim({ urn: process.urn, inputs: readInputs(plain(process.state) as Properties) });
  await victim.inflict("hang");
  expect(await process.preview(declared)).toMatchObject({
    changes: true,
    status: expect.stringMatching(/^stopped by a signal/),
  });
  expect(await asked(await process.up(declared))).toMatchObject({ ok: true });
});

test("a slow server answers, late", async ({ resource, httpServer }) => {
  const process = resource("Process", "slow");
  const started = await process.up(await httpServer());
  const victim = localVictim({ urn: process.urn, inputs: readInputs(plain(process.state) as Properties) });
  const relieve = await victim.inflict("slow");
  const begun = performance.now();
  expect(await asked(started, 20_000)).toMatchObject({ ok: true });
  expect(performance.now() - begun).toBeGreaterThan(100);
  await relieve();
  expect(await asked(started)).toMatchObject({ ok: true });
});

function asked({ url, socket }: Properties, timeoutMs = 1_000) {
  return probe({ url, socket, timeoutMs } as ProbeOptions);
}
