import { describe, expect, test } from "vitest";
import { read } from "../../components/declaration.ts";
import {
  acceptOffer,
  type OfferModel,
  offersSchema,
  resolvedServerSchema,
  secretStoreSchema,
  serverSchema,
} from "../../components/model/index.ts";

const model = serverSchema.parse({
  name: "documents",
  http: { command: "documents", port: 8080 },
  env: { KEY: { store: "vault", key: "key" }, LEVEL: "debug" },
  timeout: "10s",
  resilience: { retry: { backoff: "20ms" }, circuitBreaker: { cooldown: "5s" }, concurrency: false },
  perTool: { read: { timeout: "2s", limit: { calls: 5, per: "1s" } } },
  tools: ["read", "write"],
});
const vault = secretStoreSchema.parse({ name: "vault", given: ["key"], generated: [] });
const offer: OfferModel = {
  stack: "acme/documents/prod",
  target: "kubernetes",
  namespace: "documents",
  model,
  secrets: [vault],
  url: "http://documents.documents.svc:8080/mcp",
  revision: "1",
};

describe("an offered server", () => {
  test("is what its stack resolved, under the reader's name, with where it is from", () => {
    const accepted = acceptOffer(offer, { name: "docs" });
    expect(accepted.model).toEqual({
      ...model,
      name: "docs",
      offered: {
        stack: "acme/documents/prod",
        name: "documents",
        target: "kubernetes",
        namespace: "documents",
      },
      env: { KEY: { store: "acme/documents/prod vault", key: "key" }, LEVEL: "debug" },
    });
    expect(accepted.secrets).toEqual([{ ...vault, name: "acme/documents/prod vault" }]);
    expect(accepted.excess).toEqual([]);
  });

  test("may be used less than it is offered", () => {
    const accepted = acceptOffer(offer, { name: "docs", tools: ["read"], timeout: 5_000 });
    expect(accepted.model).toMatchObject({ tools: ["read"], timeout: 5_000 });
    expect(accepted.excess).toEqual([]);
  });

  test.each<[string, Partial<typeof model>, string]>([
    ["a tool that isn't offered", { tools: ["read", "delete"] }, "tools[1]"],
    ["more time", { timeout: 10_001 }, "timeout"],
  ])("is refused %s", (_, wanted, property) => {
    expect(acceptOffer(offer, { name: "docs", ...wanted }).excess).toMatchObject([{ property }]);
  });

  test("that names neither tools nor a timeout takes any", () => {
    const open = { ...offer, model: { ...model, tools: undefined, timeout: undefined } };
    expect(acceptOffer(open, { name: "docs", tools: ["any"], timeout: 60_000 }).excess).toEqual([]);
  });
});

describe("what a stack exports for others", () => {
  const { stack: _, ...exported } = offer;
  const offers = { version: 2, servers: { documents: exported } };

  test("is read as it was written, also after it was JSON", () => {
    expect(offersSchema.parse(JSON.parse(JSON.stringify(offers)))).toEqual(offers);
    expect(resolvedServerSchema.parse(model)).toEqual(model);
  });

  test("is read as an earlier version wrote it: how failures are met is its reader's own", () => {
    const { resilience: _r, perTool: _t, ...before } = model;
    const old = { version: 1, servers: { documents: { ...exported, model: before } } };
    expect(offersSchema.parse(old).servers.documents?.model).toEqual({
      ...before,
      resilience: {},
      perTool: {},
    });
  });

  test.each<[string, unknown, string[]]>([
    ["something else", { url: "http://a" }, ["version", "servers", "url"]],
    [
      "several faults",
      {
        version: 2,
        servers: { a: { ...exported, revision: 5, model: { ...model, replicas: 0, tool: [] } } },
      },
      ["servers.a.model.replicas", "servers.a.model.tool", "servers.a.revision"],
    ],
  ])("is refused as %s, each property named", (_, value, paths) => {
    const { findings } = read(offersSchema, "", value);
    expect(findings.map(({ path }) => path).sort()).toEqual(paths.sort());
  });
});
