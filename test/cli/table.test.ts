import { expect, test } from "vitest";
import { table } from "../../cli/table.ts";

test("a table has no frame, and each column the width of its longest entry", () => {
  expect(
    table(
      ["NAME", "STATUS"],
      [
        ["edge", "running"],
        ["utilities", "dead"],
      ],
    )
      .split("\n")
      .map((line) => line.trimEnd()),
  ).toEqual(["NAME       STATUS", "edge       running", "utilities  dead"]);
});

test("a table of nothing is its head", () => {
  expect(table(["NAME", "STATUS"], []).trimEnd()).toBe("NAME  STATUS");
});

test("a table has no colours, since it is read by programs too", () => {
  const text = table(["NAME"], [["edge"]]);
  expect([...text].every((character) => character >= " " || character === "\n")).toBe(true);
});
