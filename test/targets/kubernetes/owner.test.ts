import { expect, test, vi } from "vitest";
import * as mcp from "../../../components/index.ts";
import { isOwnerConflict } from "../../../components/targets/kubernetes/owner.ts";
import { declare } from "../../components/declare.ts";

// What it asks a cluster is tested where there is one.
vi.mock(import("../../../components/targets/kubernetes/preflight/index.ts"), async (original) => ({
  ...(await original()),
  preflight: vi.fn(async () => []),
}));

const reference = `registry.example.com/a@sha256:${"0".repeat(64)}`;

test.each([
  ["create", ["Namespace", "PersistentVolumeClaim", "Deployment"]],
  ["existing", ["NetworkPolicy", "NetworkPolicy", "PersistentVolumeClaim", "Deployment"]],
] as const)(
  "the mark of the state is on what another could take over, and is no secret (%s)",
  async (policy, kinds) => {
    const { registered } = await declare(() => {
      const target = mcp.kubernetes({ namespace: "support", namespacePolicy: policy, image: { reference } });
      new mcp.Server("notes", { target, stdio: { image: reference, command: "/notes" }, storage: true });
    });
    const marked = registered.flatMap(({ type, inputs }) => {
      const { annotations = {} } = (inputs.metadata ?? {}) as { annotations?: Record<string, unknown> };
      const owner = annotations["mcp-infra.dev/owner"];
      return owner === undefined ? [] : [{ kind: type.split(":").at(-1) ?? "", owner }];
    });
    expect(marked.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
    for (const { owner } of marked) expect(owner).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(marked.map(({ owner }) => owner)).size).toBe(1);
  },
);

test("only a conflict about the mark is another state's", () => {
  const conflict = (field: string) =>
    `Apply failed with 1 conflict: conflict with "x": .metadata.annotations.${field}`;
  expect(isOwnerConflict([conflict("mcp-infra.dev/owner")])).toBe(true);
  expect(isOwnerConflict([conflict("team")])).toBe(false);
  expect(isOwnerConflict([])).toBe(false);
});
