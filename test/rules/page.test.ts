import { expect, test } from "vitest";
import { rules } from "../../components/rules/index.ts";
import { rulesPage } from "./rules-page.ts";

test("docs/rules.md has every rule; npm test -- test/rules/page.test.ts -u writes it anew", async () => {
  await expect(rulesPage(rules)).toMatchFileSnapshot("../../docs/rules.md");
});
