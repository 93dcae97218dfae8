import { expect, test } from "vitest";
import { driftOf, isDrifted, renderDrift, type Seen } from "../../drift/drift.ts";

const quiet: Seen = {
  preview: { stack: "dev", changes: [], operations: {}, effects: [], findings: [] },
  editedByHand: [],
  catalogue: [],
};
const notesDown = {
  subject: "server notes",
  impact: "none",
  text: "was found down, and is started again",
} as const;

test("what is as declared is no drift", () => {
  expect(isDrifted(driftOf(quiet))).toBe(false);
  expect(renderDrift(driftOf(quiet))).toBe("nothing differs: what is live is what is declared");
});

test("each difference is told by the two that differ", () => {
  const drift = driftOf({
    preview: {
      ...quiet.preview,
      changes: [
        { kind: "server", name: "docs", change: "changed", fact: "replicas", before: "2", after: "3" },
      ],
      effects: [notesDown, { subject: "server docs", impact: "none", text: "gets 1 replica" }],
    },
    editedByHand: ["/run/edge/gateway.json: listen"],
    catalogue: [
      {
        kind: "tools",
        name: "docs__search",
        change: "removed",
        seenBy: ["agent"],
        parts: [],
        verdicts: [{ consumer: "agent", verdict: "breaks", reason: "it uses it" }],
      },
    ],
  });
  expect(drift.declaration).toEqual(["server docs: replicas 2 → 3"]);
  expect(drift.live, "an effect of what is declared is no drift of its own").toEqual([
    "server notes was found down, and is started again",
    "changed by hand: /run/edge/gateway.json: listen",
  ]);
  expect(isDrifted(drift)).toBe(true);
  expect(renderDrift(drift)).toContain("docs__search");
});
