import { describe, expect, test } from "vitest";
import { serverSchema } from "../../components/model/index.ts";
import type { CatalogueChange } from "../../lock/index.ts";
import { againstRelease, againstSource, againstTarget, type Judgement } from "../../release/judge.ts";
import type { LiveStack } from "../../release/live.ts";
import type { ReleaseRecord } from "../../release/record.ts";
import { statementOf } from "../../release/statement.ts";
import { promoted } from "../../release/succession.ts";
import { green, live, recorded } from "./fixture.ts";

const clean: Judgement = { findings: [], changes: [] };
const reasons = (refusals: { reason: string }[]) => refusals.map(({ reason }) => reason);
const red = {
  ...green,
  passed: false,
  checks: [{ ...green.checks[0], passed: false, detail: "is gone" }],
} as typeof green;
const finding = {
  rule: "server-timeout",
  path: "server notes: timeout",
  severity: "error" as const,
  reason: "is missing",
  remediation: "Set it.",
};

describe("what is live", () => {
  test("is a release when it is green, as declared and within the policies", () => {
    expect(againstRelease(live(), clean)).toEqual([]);
    const warned = { ...clean, findings: [{ ...finding, severity: "warning" as const }] };
    expect(againstRelease(live(), warned)).toEqual([]);
  });

  test.each<[string, LiveStack, Judgement, string]>([
    [
      "a red smoke test",
      live({ smoke: red }),
      clean,
      "the smoke test of dev is red; server notes: answers: is gone",
    ],
    [
      "a policy",
      live(),
      { ...clean, findings: [finding] },
      "server notes: timeout: is missing [server-timeout]",
    ],
    ["a preview that fails", live(), { ...clean, error: "no" }, "the preview of dev fails: no"],
    [
      "a declaration that is another",
      live(),
      { ...clean, changes: [{ kind: "server", name: "notes", change: "changed" }] },
      "what is live is not what is declared: server notes is changed",
    ],
    [
      "an artifact that can't be named",
      live({ faults: ["server notes runs x"] }),
      clean,
      "server notes runs x",
    ],
  ])("is none with %s", (_, stack, preview, reason) => {
    expect(reasons(againstRelease(stack, preview))).toEqual([reason]);
  });
});

describe("a release", () => {
  const against = (record: ReleaseRecord, now: LiveStack) =>
    reasons(againstSource(record, statementOf(record, green), now));
  const artifact = (integrity: string, version = "1.0.0") => ({
    artifacts: { notes: { package: `npm:notes@${version}`, integrity } },
  });

  test("may go on when it is what is live", () => {
    expect(against(recorded(), live())).toEqual([]);
  });

  test.each<[string, LiveStack, string]>([
    [
      "another version runs",
      live(artifact("sha512-AAAA", "2.0.0")),
      "server notes of dev runs npm:notes@2.0.0, and its release says npm:notes@1.0.0",
    ],
    [
      "the same version is another package now",
      live(artifact("sha512-AAAA")),
      "there is another npm:notes@1.0.0 now than was released",
    ],
    [
      "a server has come",
      live({ artifacts: { ...live().artifacts, far: { command: "x" } } }),
      "server far of dev runs the command x, and its release says nothing",
    ],
    [
      "its artifact is gone",
      live({ artifacts: {}, faults: ["server notes runs npm:notes@1.0.0, which is gone"] }),
      "server notes runs npm:notes@1.0.0, which is gone",
    ],
    [
      "a tool says something else",
      live({}, "Reads. And tells."),
      "what the servers of dev offer is not what was released",
    ],
    ["it is red", live({ smoke: red }), "the smoke test of dev is red"],
  ])("stays where it is when %s", (_, now, reason) => {
    const found = against(recorded(), now);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(reason);
  });

  test("of a command can be had nowhere else", () => {
    const here = live({ artifacts: { notes: { command: "notes" } } });
    expect(against(recorded(here), here)[0]).toContain("nothing that another stack could start");
  });

  test("that was edited by hand has no statement about it", () => {
    const found = againstSource(recorded(), statementOf({ ...recorded(), gateway: "other" }, green), live());
    expect(reasons(found)).toEqual([expect.stringContaining("is not about exactly this release")]);
  });

  test("is evidence only for the stack that it was proved in", () => {
    const record = promoted(recorded(), { stack: "staging", gateway: "edge" });
    expect(against(record, live({ stack: "staging" }))).toEqual([
      "the release was promoted to staging and not proved there: its evidence is of dev",
    ]);
  });
});

describe("the stack that a release is for", () => {
  const record = promoted(recorded(), { stack: "staging", gateway: "edge" });
  const model = (stdio: Record<string, string>) => ({
    scope: "gateway" as const,
    name: "edge",
    target: "local",
    servers: [serverSchema.parse({ name: "notes", stdio })],
    consumers: [],
    secrets: [],
  });
  const breaking: CatalogueChange = {
    kind: "tools",
    name: "notes__read",
    change: "removed",
    seenBy: ["agent"],
    parts: [],
    verdicts: [
      { consumer: "agent", verdict: "breaks", reason: "uses it" },
      { consumer: "other", verdict: "concerns", reason: "sees it" },
    ],
  };

  test.each<[string, Judgement, CatalogueChange[], string[]]>([
    ["takes it", { ...clean, model: model({ package: "npm:notes@1.0.0" }) }, [], []],
    [
      "has a program that ignores it",
      { ...clean, model: model({ package: "npm:notes@0.9.0" }) },
      [],
      ["server notes of staging has npm:notes@0.9.0 in spite of its release"],
    ],
    [
      "has a policy against it",
      { ...clean, findings: [finding] },
      [],
      ["server notes: timeout: is missing [server-timeout]"],
    ],
    [
      "has a consumer that it breaks",
      clean,
      [breaking],
      ["notes__read is removed, which breaks agent in staging: uses it"],
    ],
  ])("%s", (_, preview, changes, expected) => {
    expect(reasons(againstTarget(record, preview, changes))).toEqual(expected);
  });
});
