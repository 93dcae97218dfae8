import type { PolicyResource, ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import type { IntegrationModel, ModelScope } from "../../components/model/index.ts";
import type { Rule } from "../../components/rules/rule.ts";
import { rulePolicy } from "../../policies/rule-policy.ts";
import { exampleModel } from "../example-model.ts";

/** A resource by what a policy reads of it. */
interface Resource {
  type: string;
  props: Record<string, unknown>;
}

/** A rule of a test's own: a name that says "bad" violates it. */
const noBadName = (needs: ModelScope, change: Partial<Rule> = {}): Rule => ({
  id: "no-bad-name",
  concern: "operations",
  title: "No name is bad",
  severity: "error",
  enforcedBy: "policy",
  needs,
  remediation: "Choose a good name.",
  reference: "A test",
  check: ({ name }) => (name.includes("bad") ? [{ path: `${needs} ${name}: name`, reason: "is bad" }] : []),
  ...change,
});

/** A rule that asks for something absent, which only the whole can answer. */
const alerted = noBadName("integration", {
  check: ({ name, alerting }) =>
    alerting ? [] : [{ path: `integration ${name}`, reason: "has no alerting" }],
});

/** What a resource policy reports on one resource. */
async function reportsOn(rule: Rule, resource: Resource): Promise<string[]> {
  const policy = rulePolicy(rule);
  if (!("validateResource" in policy) || typeof policy.validateResource !== "function")
    throw new TypeError("no resource policy");
  const reports: string[] = [];
  await policy.validateResource(resource as unknown as ResourceValidationArgs, (text) => reports.push(text));
  return reports;
}

/** What a stack policy reports on a whole stack. */
async function reportsOnStack(rule: Rule, resources: Resource[]): Promise<string[]> {
  const policy = rulePolicy(rule);
  if (!("validateStack" in policy)) throw new TypeError("no stack policy");
  const reports: string[] = [];
  const stack = { resources: resources as unknown as PolicyResource[] } as StackValidationArgs;
  await policy.validateStack(stack, (text) => reports.push(text));
  return reports;
}

const model = (change: Partial<IntegrationModel>): IntegrationModel => ({ ...exampleModel(), ...change });
const component = (type: string, change: Partial<IntegrationModel>): Resource => ({
  type: `mcp-infra:index:${type}`,
  props: { model: model(change) },
});
const gateway = (name: string): Resource => {
  const { alerting, smokeTest, requirements, ...rest } = exampleModel();
  const own = { ...rest.gateway, name };
  return {
    type: "mcp-infra:index:Gateway",
    props: { model: { ...rest, name, scope: "gateway", gateway: own } },
  };
};
const about = (type: string, model: unknown): Resource => ({
  type: `mcp-infra:index:${type}`,
  props: { gateway: "edge", model },
});
const alerting = about("Alerting", exampleModel().alerting);
const smokeTest = about("SmokeTest", exampleModel().smokeTest);

describe("a rule as a policy", () => {
  test.each([
    ["error", "mandatory"],
    ["warning", "advisory"],
  ] as const)("of severity %s is %s", (severity, enforcementLevel) => {
    expect(rulePolicy(noBadName("server", { severity }))).toMatchObject({ enforcementLevel });
  });

  test("has the rule's name, title and remediation", () => {
    expect(rulePolicy(noBadName("server"))).toMatchObject({
      name: "no-bad-name",
      description: "No name is bad",
      remediationSteps: "Choose a good name.",
    });
  });
});

describe.each([
  ["server", "Server", "Gateway"],
  ["gateway", "Gateway", "Integration"],
] as const)("a rule that needs a %s", (needs, type, other) => {
  const rule = noBadName(needs);

  test("reports a component that violates it: property, reason and what to do", async () => {
    const [report, ...others] = await reportsOn(rule, component(type, { name: "bad-one", scope: needs }));
    expect(report).toContain(`✗ ${needs} bad-one: name: is bad [no-bad-name]`);
    expect(report).toContain("→ Choose a good name.");
    expect(others).toEqual([]);
  });

  test("lets one pass that keeps it", async () => {
    expect(await reportsOn(rule, component(type, { name: "good", scope: needs }))).toEqual([]);
  });

  test("reports each violation by itself", async () => {
    const twice = noBadName(needs, {
      check: () => [
        { path: "a", reason: "is bad" },
        { path: "b", reason: "is bad" },
      ],
    });
    expect(await reportsOn(twice, component(type, { scope: needs }))).toHaveLength(2);
  });

  test.each([other, "Process", "Consumer"])("doesn't look at a %s", async (stranger) => {
    expect(await reportsOn(rule, component(stranger, { name: "bad-one" }))).toEqual([]);
  });

  test("reads the model and nothing else, since what is unknown would turn it advisory", async () => {
    const props = {
      model: model({ name: "good", scope: needs }),
      get revision(): never {
        throw new Error("unknown in a preview");
      },
    };
    expect(await reportsOn(rule, { type: `mcp-infra:index:${type}`, props })).toEqual([]);
  });

  test("passes over a component without a model", async () => {
    expect(await reportsOn(rule, { type: `mcp-infra:index:${type}`, props: {} })).toEqual([]);
  });
});

describe("a rule that needs the integration", () => {
  test("judges each integration of the stack", async () => {
    const resources = [
      component("Integration", { name: "without", alerting: undefined }),
      component("Integration", { name: "with" }),
    ];
    const reports = await reportsOnStack(alerted, resources);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain("✗ integration without: has no alerting");
  });

  test("judges a gateway without one by what stands beside it", async () => {
    expect(await reportsOnStack(alerted, [gateway("edge")])).toHaveLength(1);
    expect(await reportsOnStack(alerted, [gateway("edge"), alerting, smokeTest])).toEqual([]);
    expect(await reportsOnStack(alerted, [gateway("second"), alerting, smokeTest])).toHaveLength(1);
    const proved = {
      ...alerted,
      check: (whole: IntegrationModel) => (whole.smokeTest ? [] : alerted.check(whole)),
    };
    expect(await reportsOnStack(proved, [gateway("edge"), smokeTest])).toEqual([]);
  });

  test("judges a gateway that stands beside an integration of another", async () => {
    const resources = [component("Integration", {}), gateway("edge"), gateway("second")];
    const reports = await reportsOnStack(alerted, resources);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain("integration second");
  });

  test("has nothing to say of a stack without any", async () => {
    expect(await reportsOnStack(alerted, [])).toEqual([]);
    expect(await reportsOnStack(alerted, [component("Server", {}), alerting])).toEqual([]);
  });

  test("passes over an integration and a gateway without a model", async () => {
    for (const type of ["Integration", "Gateway"])
      expect(await reportsOnStack(alerted, [{ type: `mcp-infra:index:${type}`, props: {} }]), type).toEqual(
        [],
      );
  });
});
