import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import * as mcp from "../../components/index.ts";
import { offersIn } from "../../components/offers.ts";
import { declare, known } from "./declare.ts";
import { canary, directory } from "./support.ts";

const stack = "acme/servers/prod";

/** What the servers' program exports, as the gateway's program reads it from the state. */
async function exported({ preview = false } = {}): Promise<unknown> {
  const { result } = await declare(
    () => {
      const target = mcp.local({ directory });
      const secrets = new mcp.Secrets("vault", { target, values: { key: pulumi.secret(canary) } });
      const notes = new mcp.Server("notes", {
        target,
        stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
        timeout: "20s",
        tools: ["search_nodes", "read_graph"],
      });
      const utilities = new mcp.Server("utilities", {
        target,
        http: { package: "npm:@modelcontextprotocol/server-everything@2026.8.31", port: 7401 },
        env: { KEY: secrets.ref("key") },
      });
      return pulumi.output(mcp.offer(notes, utilities) as unknown);
    },
    { preview },
  );
  return JSON.parse(JSON.stringify(await known(result)));
}

function useOf(offers: Record<string, mcp.Offer>) {
  const target = mcp.local({ directory });
  const notes = new mcp.Server("memory", {
    target,
    offered: offers.notes,
    tools: ["search_nodes"],
    timeout: "5s",
  });
  const utilities = new mcp.Server("utilities", { target, offered: offers.utilities });
  const agent = new mcp.Consumer("agent", {
    identity: { scope: "all" },
    uses: [notes.tool("search_nodes", { arguments: { query: "x" } }), utilities.tool("echo")],
  });
  const gateway = new mcp.Gateway("edge", { target, servers: [notes, utilities], consumers: [agent] });
  return { notes, utilities, gateway };
}

describe("what a stack offers", () => {
  test("is all that a rule has to know of its servers, where they are, and no secret", async () => {
    const offers = (await exported()) as mcp.Offers;
    expect(offers.servers.notes).toMatchObject({
      target: "local",
      model: { name: "notes", tools: ["search_nodes", "read_graph"], timeout: 20_000 },
      url: "http://127.0.0.1/notes-process",
      socket: "/sockets/notes-process",
      revision: "instance-of-notes-process",
    });
    expect(offers.servers.utilities?.secrets).toMatchObject([{ name: "vault", given: ["key"] }]);
    expect(JSON.stringify(offers)).not.toContain("canary");
  });

  test("is no server's that is none", () => {
    expect(() => mcp.offer(undefined as unknown as mcp.Server)).toThrow(/argument 1 is no Server/);
  });
});

describe("a server of another stack", () => {
  test("is a component with nothing below it, and the gateway has it at its address", async () => {
    const offers = offersIn(await exported(), stack, "offers");
    const { registered, find, result } = await declare(() => useOf(offers), { preview: true });
    expect(registered.filter(({ type }) => type.endsWith(":Process")).map(({ name }) => name)).toEqual([
      "edge-process",
    ]);
    const { model, ...facts } = find("memory").inputs;
    expect(facts).toEqual({
      transport: "stdio",
      artifact: "npm:@modelcontextprotocol/server-memory@2026.8.31",
      offeredBy: stack,
      revision: "instance-of-notes-process",
      replicas: 1,
      timeoutMs: 5_000,
      tools: ["search_nodes"],
    });
    expect(model).toMatchObject({ servers: [{ offered: { stack, name: "notes", target: "local" } }] });
    expect(find("edge-process").inputs.gateway).toMatchObject({
      config: {
        servers: [
          {
            name: "memory",
            url: "http://127.0.0.1/notes-process",
            socket: "/sockets/notes-process",
            timeoutMs: 5_000,
            tools: ["search_nodes"],
          },
          { name: "utilities", url: "http://127.0.0.1/utilities-process" },
        ],
      },
    });
    expect(await known(result.notes.revision)).toBe("instance-of-notes-process");
  });

  test("has its secrets' stores told apart from those of the same name here", async () => {
    const offers = offersIn(await exported(), stack, "offers");
    const { result } = await declare(() => useOf(offers));
    expect(result.gateway.model.secrets.map(({ name }) => name)).toEqual([`${stack} vault`]);
  });
});

describe("what can't be read", () => {
  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /no output "offers": it was never deployed, is destroyed, or.*\n.*mcp\.offer/],
    ["a newer form", { version: 3, servers: [], more: 1 }, /of version 3, .* reads 2\n.*update mcp-infra/],
    ["no offer", "https://example.com", /offers: has to be an object/],
    [
      "several faults",
      { version: 1, servers: { notes: { target: "local", secrets: [], url: "" } } },
      /servers\.notes\.model.*\n.*servers\.notes\.url.*\n.*servers\.notes\.revision/,
    ],
  ])("is refused with the reason and a next step: %s", (_, value, text) => {
    expect(() => offersIn(value, stack, "offers")).toThrow(text);
    expect(() => offersIn(value, stack, "offers")).toThrow(stack);
  });
});
