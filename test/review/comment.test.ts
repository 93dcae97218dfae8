import { describe, expect, test } from "vitest";
import { commentOf, marker } from "../../review/comment.ts";
import { code, prose } from "../../review/text.ts";
import { integration, review } from "./models.ts";

const deployment = { up: (stack: string) => `deploy ${stack}`, down: (stack: string) => `destroy ${stack}` };
const finding = (severity: "error" | "warning", reason = "names no exact version") => ({
  rule: "pinned-artifacts",
  path: "server github: stdio.package",
  severity,
  reason,
  remediation: "Name an exact version.",
});
const interruption = { subject: "server github", impact: "interruption" as const, text: "restarts" };

describe("the comment", () => {
  test.each([
    ["nothing changes", review()],
    ["will go through", review({ operations: { update: 1 } })],
    ["needs attention", review({ operations: { update: 1 }, findings: [finding("warning")] })],
    ["needs attention", review({ operations: { update: 1 }, effects: [interruption] })],
    ["refused", review({ findings: [finding("error")] })],
    ["refused", review({ error: "a program that fails" })],
  ])("begins with the marker and its verdict: %s", (verdict, one) => {
    const [first, , headline] = commentOf([one], deployment).split("\n");
    expect(first).toBe(marker);
    expect(headline).toContain(verdict);
  });

  test("about several stacks has the worst verdict first, and each stack's own", () => {
    const text = commentOf(
      [review(), review({ stack: "production", findings: [finding("error")] })],
      deployment,
    );
    expect(text).toContain("## ❌ MCP integration: refused");
    expect(text).toContain("- `dev`: ✅ nothing changes");
    expect(text).toContain("- `production`: ❌ refused (1 finding)");
    expect(text).toContain("### Stack `production`");
  });

  test("says how to take it back, and what does not come back", () => {
    const effects = [
      { subject: "server notes", impact: "lasting" as const, text: "ends, and its data is deleted" },
    ];
    const text = commentOf(
      [review({ operations: { delete: 1 }, before: integration(), effects })],
      deployment,
    );
    expect(text).toContain("`deploy dev`");
    expect(text).toMatch(/does not come back by itself:\n- server notes ends, and its data is deleted/);
  });

  test("that would be too long loses whole sections, the diagrams first, and says which", () => {
    const one = review({
      operations: { update: 1 },
      before: integration(),
      model: integration({ server: { tools: ["a"] } }),
      changes: [
        { kind: "server", name: "github", change: "changed", fact: "replicas", before: "2", after: "3" },
      ],
      findings: [finding("warning")],
    });
    const whole = commentOf([one], deployment);
    expect(whole).toContain("```mermaid");
    const cut = commentOf([one], deployment, whole.length - 200);
    expect(cut.length).toBeLessThanOrEqual(whole.length - 200);
    expect(cut).not.toContain("mermaid");
    expect(cut).toContain("replicas `2` → `3`");
    expect(cut).toContain("_Left out, since a comment has a longest length: diagram of `dev`");
    expect(commentOf([one], deployment, 200)).toContain("needs attention");
  });

  test("of a thousand findings is one that GitHub takes", () => {
    const findings = Array.from({ length: 1_000 }, (_, index) => finding("error", `${index} `.repeat(50)));
    expect(commentOf([review({ findings })], deployment).length).toBeLessThan(65_536);
  });
});

describe("text that others have written", () => {
  const hostile =
    "x` <img src=x onerror=1> [a](https://evil.example) @octocat #1 **b** | c\n# heading ​www.evil.example";

  test("is neither markup nor link nor mention in a sentence", () => {
    const text = prose(hostile);
    expect(text).not.toMatch(/\n|(?<!\\)[<>[\]()*#|`]|:\/\/(?<!\\:\/\/)|@octocat|\bwww\.evil/);
  });

  test("can't end the code that it stands in", () => {
    expect(code("a`b")).toBe("``a`b``");
    expect(code("`")).toBe("`` ` ``");
    expect(code(hostile).split("\n")).toHaveLength(1);
    const text = commentOf(
      [
        review({
          error: "```\n@octocat </details>",
          changes: [{ kind: "server", name: "x`\n# y", change: "added" }],
        }),
      ],
      deployment,
    );
    expect(text).toContain("````text\n```\n@octocat </details>\n````");
    expect(text).toContain("- server ``x` # y`` is new");
  });
});
