import { expect, test } from "vitest";
import { alertRules } from "../../components/views/alert-rules.ts";
import { diagram } from "../../components/views/diagram.ts";
import { readiness } from "../../components/views/readiness.ts";
import { exampleModel } from "../example-model.ts";

/** The example, with its notes from another stack. */
function model() {
  const example = exampleModel();
  const [notes] = example.servers;
  if (notes) notes.offered = { stack: "acme/notes/prod", name: "memory", target: "local" };
  return example;
}

test("whose server is lost stands in the alert, with the name that it has there", () => {
  const lost = JSON.stringify(alertRules(model()));
  expect(lost).toContain("Server notes of stack acme/notes/prod is lost behind gateway edge");
  expect(lost).toMatch(
    /Tell the owner of stack acme\/notes\/prod, which runs it as memory\. There: .*memory/,
  );
  expect(lost).toContain("Server github is lost behind gateway edge");
});

test("the diagram shows it among what others run", () => {
  const [, others = ""] = diagram(model()).split("Run by others");
  expect(others).toMatch(/server0\[\("notes<br\/>stdio.*<br\/>stack acme\/notes\/prod"\)\]/);
});

test("the checklist says who runs it, and is as complete as before", () => {
  const { status, items } = readiness(model());
  expect(status).toBe("READY");
  expect(JSON.stringify(items)).toMatch(/notes by stdio, [^;]*, run by stack acme\/notes\/prod;/);
});
