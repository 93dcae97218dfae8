import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApi } from "../../../toolchain/cluster/index.mjs";
import { Cluster } from "../../../toolchain/kubernetes-provider/cluster.ts";
import { readSettings } from "../../../toolchain/kubernetes-provider/settings.ts";
import { ticks } from "../../../toolchain/kubernetes-provider/waiting.ts";
import { Project } from "../../e2e/project.ts";
import { object } from "./objects.ts";
import type { Declared } from "./program.ts";

// Nothing here collects garbage or ends namespaces: a deletion in the foreground would wait for ever.
const annotations = { "pulumi.com/deletionPropagationPolicy": "background" };
const skipping = { ...annotations, "pulumi.com/skipAwait": "true" };
const container = { name: "c", image: "example.com/notes:1" };
const matchLabels = { app: "notes" };
const names = { kind: "Widget", plural: "widgets" };
const size = {
  type: "object",
  properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
};

/** What the stack declares at first; each test goes on where the last one ended. */
const resources = {
  team: { class: "Namespace", args: { metadata: { name: "team", annotations: skipping } } },
  settings: {
    class: "ConfigMap",
    args: { metadata: { namespace: "team", annotations }, data: { key: "1" } },
    after: ["team"],
  },
  token: {
    class: "Secret",
    args: { metadata: { name: "token", namespace: "team", annotations }, stringData: { key: "hunter2" } },
    after: ["team"],
  },
  notes: {
    class: "Deployment",
    args: {
      metadata: { name: "notes", namespace: "team", annotations: skipping as Record<string, string> },
      spec: {
        replicas: 1,
        selector: { matchLabels },
        template: { metadata: { labels: matchLabels }, spec: { containers: [container] } },
      } as Record<string, unknown>,
    },
    after: ["team"],
  },
  definition: {
    class: "Crd",
    args: {
      metadata: { name: "widgets.example.com", annotations },
      spec: {
        group: "example.com",
        scope: "Namespaced",
        names,
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: size } }],
      },
    },
  },
  widget: {
    class: "Custom",
    args: {
      apiVersion: "example.com/v1",
      kind: "Widget",
      metadata: { name: "widget", namespace: "team", annotations },
      spec: { size: 1 as unknown },
    },
    after: ["team", "definition"],
  },
} satisfies Record<string, Declared>;

describe("a stack on a Kubernetes API", () => {
  let api: Awaited<ReturnType<typeof openApi>>;
  let project: Project;
  let cluster: Cluster;

  const declare = (more: Record<string, Declared> = {}) =>
    project.configure({ resources: { ...resources, ...more } });
  const existing = (type: string, name: string) =>
    cluster.get(object(type, { metadata: { name } })).catch(() => undefined);
  const deployment = () => cluster.get(object("apps/v1/Deployment", { metadata: { name: "notes" } }));
  const somebodyApplies = (fields: object) =>
    cluster.apply(object("apps/v1/Deployment", { metadata: { name: "notes" }, ...fields }), {
      fieldManager: "somebody",
      force: true,
      dryRun: false,
    });
  const setStatus = (status: object) =>
    cluster.request("PATCH", "/apis/apps/v1/namespaces/team/deployments/notes/status", {
      contentType: "application/merge-patch+json",
      body: { status },
    });

  beforeAll(async () => {
    api = await openApi();
    project = await Project.running("../toolchain/kubernetes-provider/program.ts");
    cluster = new Cluster(
      readSettings(new Map([["kubernetes:config:kubeconfig", api.kubeconfig]])),
      new AbortController().signal,
    );
    // As a cluster's own resource would give it: its contents.
    await project.configure({ kubeconfig: await readFile(api.kubeconfig, "utf8") });
    await declare();
  });
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await api?.stop();
  });

  test("a preview shows all of it and makes nothing", async () => {
    const { exitCode, output } = await project.preview("--diff");
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/8 to create/);
    expect(output).toMatch(/name\s*: "settings-[0-9a-f]{8}"/);
    expect(output).not.toContain("hunter2");
    expect(await existing("v1/Namespace", "team")).toBeUndefined();
  });

  test("an update makes it, the custom resource right after its definition", async () => {
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/8 created/);
    expect(await existing("example.com/v1/Widget", "widget")).toMatchObject({ spec: { size: 1 } });
    const { names } = await project.outputs();
    const { settings } = names as Record<string, string>;
    expect(await existing("v1/ConfigMap", String(settings))).toMatchObject({ data: { key: "1" } });
    const state = await project.pulumi("stack", "export");
    expect(state.output).not.toMatch(new RegExp(`hunter2|${btoa("hunter2")}`));
  });

  test("nothing has changed", async () => {
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/8 unchanged/);
  });

  test("a preview has what the API says of a wrong field, and of a value that a definition forbids", async () => {
    const { args: notes } = resources.notes;
    const { args: widget } = resources.widget;
    const wrong: [Declared, keyof typeof resources, string][] = [
      [
        { ...resources.notes, args: { ...notes, spec: { ...notes.spec, replica: 1 } } },
        "notes",
        ".spec.replica: field not declared in schema",
      ],
      [
        { ...resources.widget, args: { ...widget, spec: { size: "large" } } },
        "widget",
        ".spec.size: expected numeric",
      ],
    ];
    // One at a time: the engine ends a preview at its first error, whatever it has not come to yet.
    for (const [resource, name, fault] of wrong) {
      await declare({ [name]: resource });
      const { exitCode, output } = await project.preview();
      expect(exitCode).not.toBe(0);
      expect(output).toContain(fault);
    }
  });

  test("what can change does, and what can't is replaced", async () => {
    resources.notes.args.spec.replicas = 2;
    resources.widget.args.spec.size = 2;
    resources.settings.args.data.key = "2";
    resources.token.args.stringData.key = "hunter3";
    await declare();
    const preview = await project.preview("--diff");
    expect(preview.output).toMatch(/~ replicas: 1 => 2/);
    expect(preview.output).toMatch(/~ key: \[secret\] => \[secret\]/);
    expect(preview.output).not.toMatch(/hunter/);
    const before = await existing("v1/Secret", "token");
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/2 updated/);
    expect(output).toMatch(/2 replaced/);
    const after = await existing("v1/Secret", "token");
    expect(after).toMatchObject({ data: { key: btoa("hunter3") } });
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  test("a refresh finds what somebody changed, and the next update puts it right where it is asked to", async () => {
    await somebodyApplies({ spec: { replicas: 7 } });
    const refreshed = await project.pulumi("refresh", "--yes", "--skip-preview");
    expect(refreshed.exitCode, refreshed.output).toBe(0);
    expect((await project.preview("--diff")).output).toMatch(/~ replicas: 7 => 2/);

    const conflict = await project.up();
    expect(conflict.exitCode).not.toBe(0);
    expect(conflict.output).toMatch(/conflict with "somebody".*\.spec\.replicas/);
    expect(await deployment()).toMatchObject({ spec: { replicas: 7 } });

    resources.notes.args.metadata.annotations = { ...skipping, "pulumi.com/patchForce": "true" };
    await declare();
    const forced = await project.up();
    expect(forced.exitCode, forced.output).toBe(0);
    expect(await deployment()).toMatchObject({ spec: { replicas: 2 } });
  });

  test("a field to ignore stays with whoever set it", async () => {
    await somebodyApplies({ spec: { replicas: 5 } });
    resources.notes.args.spec.paused = true;
    resources.notes.args.metadata.annotations = skipping;
    await declare({ notes: { ...resources.notes, ignoreChanges: ["spec.replicas"] } });
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(await deployment()).toMatchObject({ spec: { replicas: 5, paused: true } });
  });

  test("a Deployment that fails is in the state, and the next update waits for it again", async () => {
    resources.notes.args.metadata.annotations = annotations;
    const { replicas: _, ...spec } = resources.notes.args.spec;
    resources.notes.args.spec = { ...spec, paused: false };
    await declare();
    const failing = project.up();
    // What its controller would say.
    for await (const _ of ticks(new AbortController().signal, Date.now() + 60_000)) {
      const { metadata, spec } = await deployment();
      if ((spec as { paused?: boolean }).paused) continue;
      const progressing = { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" };
      const conditions = [{ ...progressing, message: "has timed out progressing" }];
      await setStatus({ observedGeneration: metadata.generation, conditions });
      break;
    }
    const { exitCode, output } = await failing;
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/failed to fully initialize or become live: has timed out progressing/);

    const { generation } = (await deployment()).metadata;
    const counts = { replicas: 5, updatedReplicas: 5, readyReplicas: 5, availableReplicas: 5 };
    await setStatus({ observedGeneration: generation, conditions: null, ...counts });
    const retried = await project.up();
    expect(retried.exitCode, retried.output).toBe(0);
    expect(retried.output).toMatch(/1 updated/);
  });

  test("what is there is imported by its namespace and name, and a kind that isn't there is named", async () => {
    const settings = object("v1/ConfigMap", { metadata: { name: "found", annotations }, data: { a: "b" } });
    await cluster.apply(settings, { fieldManager: "somebody", force: false, dryRun: false });
    const found: Declared = {
      class: "ConfigMap",
      args: { metadata: { name: "found", namespace: "team", annotations }, data: { a: "b" } },
      import: "team/found",
    };
    const metadata = { name: "gadget", namespace: "team" };
    const gadget: Declared = {
      class: "Custom",
      args: { apiVersion: "example.com/v1", kind: "Gadget", metadata },
    };
    await declare({ found });
    const imported = await project.up();
    expect(imported.exitCode, imported.output).toBe(0);
    expect(imported.output).toMatch(/1 imported/);

    await declare({ found, gadget });
    // Its definition may be on its way.
    expect((await project.preview()).exitCode).toBe(0);
    const { exitCode, output } = await project.up();
    expect(exitCode).not.toBe(0);
    expect(output).toContain('no matches for kind "Gadget" in version "example.com/v1"');
    await declare();
  });

  test("an object that was made before is taken over", async () => {
    const taken = object("v1/ConfigMap", { metadata: { name: "taken" }, data: { theirs: "1" } });
    await cluster.apply(taken, { fieldManager: "somebody", force: false, dryRun: false });
    await declare({
      taken: {
        class: "ConfigMap",
        args: { metadata: { ...taken.metadata, annotations }, data: { ours: "2" } },
      },
    });
    const { exitCode, output } = await project.up();
    expect(exitCode, output).toBe(0);
    expect(await existing("v1/ConfigMap", "taken")).toMatchObject({ data: { theirs: "1", ours: "2" } });
    await declare();
  });

  test("a destroy leaves nothing", async () => {
    const { exitCode, output } = await project.pulumi("destroy", "--yes");
    expect(exitCode, output).toBe(0);
    expect(await existing("apps/v1/Deployment", "notes")).toBeUndefined();
    expect(await existing("v1/Secret", "token")).toBeUndefined();
  });

  test("an API that does not answer is said at once, and asked by no preview in which nothing changed", async () => {
    const settings: Declared = {
      class: "ConfigMap",
      args: { metadata: { name: "last", namespace: "default", annotations }, data: { a: "1" } },
    };
    await project.configure({ resources: { settings } });
    expect((await project.up()).exitCode).toBe(0);
    await api.stop();
    const unchanged = await project.preview();
    expect(unchanged.exitCode, unchanged.output).toBe(0);
    expect(unchanged.output).toMatch(/3 unchanged/);

    await project.configure({ resources: { settings, other: { ...settings, args: { data: { b: "1" } } } } });
    const { exitCode, output } = await project.up();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/configured Kubernetes cluster is unreachable: .*ECONNREFUSED/);
    const removed = await project.pulumi("state", "delete", "--all", "--force", "--yes");
    expect(removed.exitCode, removed.output).toBe(0);
  });
});
