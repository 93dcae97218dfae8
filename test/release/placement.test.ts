import { describe, expect, test, vi } from "vitest";
import * as mcp from "../../components/index.ts";
import { released } from "../../components/release.ts";
import { check } from "../../components/rules/rule.ts";
import { promoted } from "../../release/succession.ts";
import { declare } from "../components/declare.ts";
import { live, recorded } from "./fixture.ts";

// What it asks a cluster is tested where there is one.
vi.mock(import("../../components/targets/kubernetes/preflight/index.ts"), async (original) => ({
  ...(await original()),
  preflight: vi.fn(async () => []),
}));

const digest = (digit: string) => `registry.example.com/notes@sha256:${digit.repeat(64)}`;
const release = (stack = live()) => promoted(recorded(stack), { stack: "staging", gateway: "edge" });
const releasedImage = release(live({ artifacts: { notes: { image: digest("1") } } }));

/** The server and gateway of a program that declares something else than what was released. */
const program = (target: mcp.Target, notes: Partial<mcp.ServerArgs>) => () => {
  const server = new mcp.Server("notes", { target, ...notes });
  const agent = new mcp.Consumer("agent", { identity: { scope: "a" }, uses: [server.tool("read")] });
  return new mcp.Gateway("edge", {
    target,
    servers: [server],
    consumers: [agent],
    resilience: { timeout: "10s" },
  });
};
const npm = { stdio: { package: "npm:notes@0.9.0" } };

describe("a target with a release", () => {
  test("starts the released package, whatever is declared, and pins its gateway to what was proved", async () => {
    const { result } = await declare(program(mcp.local({ release: release() }), npm));
    expect(result.model.servers[0]?.stdio?.package).toBe("npm:notes@1.0.0");
    expect(result.model.gateway?.catalogue).toEqual(release().catalogue.pinned);
  });

  test("starts the released image in a cluster", async () => {
    const target = mcp.kubernetes({
      namespace: "support",
      image: { reference: digest("0") },
      release: releasedImage,
    });
    const { result } = await declare(program(target, { http: { image: digest("2"), port: 80 } }));
    expect(result.model.servers[0]?.http).toMatchObject({ image: digest("1"), port: 80 });
  });

  test("starts what is declared without one, pinned to nothing", async () => {
    const { result } = await declare(program(mcp.local(), npm));
    expect(result.model.servers[0]?.stdio?.package).toBe("npm:notes@0.9.0");
    expect(result.model.gateway?.catalogue).toBeUndefined();
  });

  test("finds that a cluster's own image lacks a package that was released", async () => {
    const { result } = await declare(program(mcp.local({ release: release() }), npm));
    const image = { reference: digest("0"), packages: [npm.stdio.package] };
    const { capabilities } = mcp.kubernetes({ namespace: "support", image });
    expect(check(capabilities, result.model).map(({ reason }) => reason)).toContain(
      'is "npm:notes@1.0.0", and the target\'s image has npm:notes@0.9.0',
    );
  });
});

describe("what is released of a server", () => {
  const args = { http: { image: digest("2"), port: 80 } };

  test.each([
    [
      "nothing, where the release has no such server",
      {},
      /is not in the release that was promoted to staging/,
    ],
    [
      "nothing, where it was a package",
      { notes: { package: "npm:a@1.0.0", integrity: "sha512-AAAA" } },
      /was released as a package/,
    ],
  ])("is %s", (_, artifacts, fault) => {
    const placed = released("notes", args, { ...release(), artifacts });
    expect(placed.args).toBe(args);
    expect(placed.fault).toMatch(fault);
  });

  test("is nothing to refuse of a server that runs elsewhere", () => {
    expect(released("far", {}, { ...release(), artifacts: {} })).toEqual({ args: {} });
  });
});
