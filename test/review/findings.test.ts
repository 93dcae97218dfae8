import { expect, describe as group, test } from "vitest";
import { describe, type Finding } from "../../components/rules/finding.ts";
import { readEvents } from "../../review/events.ts";
import { findingsOf } from "../../review/findings.ts";

const finding: Finding = {
  rule: "pinned-artifacts",
  path: "server github: stdio.package",
  severity: "error",
  reason: '"npm:@acme/github" names no exact version: the next restart may run other code',
  remediation: "Name an exact version.",
  reference: "SLSA v1.0",
};
const said = (message: string, mandatory = true) =>
  findingsOf([{ policy: "pinned-artifacts", mandatory, message, resource: "github" }]);

group("what a policy said", () => {
  test.each<[string, Finding]>([
    ["of a property", finding],
    ["of a use", { ...finding, path: "consumer reader: uses[2]" }],
    ["of a whole", { ...finding, path: "integration support", reason: "has no alerting" }],
    ["without a reference", { ...finding, reference: undefined }],
  ])("is the finding that it was, %s", (_, one) => {
    expect(said(`A title\n${describe([one])}`)).toEqual([JSON.parse(JSON.stringify(one))]);
  });

  test("has the level that the pack was set to", () => {
    expect(said(describe([finding]), false)).toEqual([{ ...finding, severity: "warning" }]);
  });

  test("of somebody else's policy stands as it is", () => {
    expect(said("No public buckets")).toEqual([
      {
        rule: "pinned-artifacts",
        path: "github",
        severity: "error",
        reason: "No public buckets",
        remediation: "",
      },
    ]);
  });
});

group("the engine's events", () => {
  const metadata = {
    op: "update",
    urn: "urn:pulumi:dev::p::t::github",
    type: "t",
    old: { inputs: { a: 1 } },
  };
  test.each([
    ["a step", { resourcePreEvent: { metadata: { ...metadata, new: { inputs: { a: 2 } } } } }, 1],
    [
      "half of a replacement",
      { resourcePreEvent: { metadata: { ...metadata, op: "create-replacement" } } },
      0,
    ],
  ])("%s", (_, event, steps) => {
    expect(readEvents(`${JSON.stringify(event)}\n`).steps).toHaveLength(steps);
  });

  test("tell what was and what will be, and what is wrong; other lines are none", () => {
    const lines = [
      JSON.stringify({ resourcePreEvent: { metadata: { ...metadata, new: { inputs: { a: 2 } } } } }),
      JSON.stringify({ diagnosticEvent: { severity: "error", message: "it fails\n" } }),
      JSON.stringify({ diagnosticEvent: { severity: "debug", message: "chatter" } }),
      "{ half a line",
      "warning: something",
    ];
    const { steps, errors } = readEvents(lines.join("\n"));
    expect(steps).toMatchObject([{ name: "github", before: { a: 1 }, after: { a: 2 } }]);
    expect(errors).toEqual(["it fails"]);
  });
});
