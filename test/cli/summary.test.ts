import { expect, test } from "vitest";
import { exampleModel } from "../example-model.ts";
import { Directory } from "./project.ts";

const gatewayUrn = "urn:pulumi:staging::team::mcp-infra:index:Gateway::edge";
const exposed = { metadata: { annotations: { "mcp-infra.dev/url": "http://127.0.0.1:2/mcp" } } };
const ways = {
  local: ["mcp-infra-local:index:Process", { gateway: { config: {} } }, { url: "http://127.0.0.1:2/mcp" }],
  kubernetes: ["kubernetes:core/v1:Service", exposed, exposed],
} as const;

test.each([
  ["local", "→ npx mcp-infra status --stack staging"],
  ["kubernetes", "→ pulumi up --stack staging --refresh"],
] as const)(
  "the summary of what does not work says nothing of ready, and what to do: %s",
  async (target, advice) => {
    const model = { ...exampleModel(), target };
    const [type, inputs, outputs] = ways[target];
    const { name = "" } = model.gateway;
    const kubeconfig = "{}";
    using directory = new Directory().asProject().withState([
      { urn: gatewayUrn.replace(/edge$/, name), type: "mcp-infra:index:Gateway", inputs: { model } },
      { urn: "urn:i::i", type: "mcp-infra:index:Integration", inputs: { model } },
      { urn: "urn:p::p", type: "pulumi:providers:kubernetes", inputs: { kubeconfig } },
      {
        urn: "urn:w::way",
        type,
        parent: gatewayUrn.replace(/edge$/, name),
        provider: "urn:p::p::id",
        inputs,
        outputs,
      },
      {
        urn: "urn:t::smoke",
        type: "mcp-infra:index:SmokeTest",
        inputs: { gateway: name, model: { deadline: 3_000 } },
      },
    ]);
    const { exitCode, stdout } = await directory.run(["summary"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✅ .*\n✅ /);
    expect(stdout).not.toMatch(/READY|Ready to integrate/);
    expect(stdout.indexOf(advice)).toBeGreaterThan(stdout.indexOf("FAILED"));
  },
);
