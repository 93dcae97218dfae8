import { describe, expect, test } from "vitest";
import { ignoring } from "../../../toolchain/kubernetes-provider/apply.ts";
import {
  checkpoint,
  driftedInputs,
  inputsOf,
  readCheckpoint,
} from "../../../toolchain/kubernetes-provider/checkpoint.ts";
import { takeover } from "../../../toolchain/kubernetes-provider/managed-fields.ts";
import { type Properties, secret } from "../../../toolchain/kubernetes-provider/values.ts";
import { object } from "./objects.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("the state", () => {
  test("says all of the live object, and has its secrets marked", () => {
    const inputs = object("v1/Secret", { stringData: { key: "hunter2" } });
    const live = object("v1/Secret", { data: { key: base64("hunter2") } });
    const source = { ...inputs, stringData: secret({ key: "hunter2" }) };
    const outputs = checkpoint(inputs, live, { source, fieldManager: "m" });
    expect(outputs).toMatchObject({ data: secret({ key: base64("hunter2") }), __fieldManager: "m" });
    const unmarked = JSON.stringify(outputs, (key, value) => (key === "value" ? undefined : value));
    expect(unmarked).not.toContain("hunter2");
    expect(unmarked).not.toContain(base64("hunter2"));
    expect(readCheckpoint(outputs)).toMatchObject({ inputs, live, fieldManager: "m" });
  });

  test("has the SDK's names, and the API its own", () => {
    const inputs = object("example.com/v1/Widget", { spec: { "x-kubernetes-list-type": "map" } });
    const outputs = checkpoint(inputs, inputs, { source: {}, fieldManager: "m" });
    expect(outputs.spec).toEqual({ x_kubernetes_list_type: "map" });
    expect(readCheckpoint(outputs).inputs.spec).toEqual({ "x-kubernetes-list-type": "map" });
  });

  test("what is secret in a program is secret in what comes of it, and no more than that", () => {
    const live = object("apps/v1/Deployment", { spec: { replicas: 1, template: { env: ["a", "b"] } } });
    const source = { spec: { replicas: 1, template: { env: ["a", secret("b")] } } };
    const { spec } = checkpoint(live, live, { source, fieldManager: "m" });
    expect(spec).toEqual({ replicas: 1, template: { env: secret(["a", "b"]) } });
  });
});

describe("a refresh", () => {
  const deployment = (spec: object, more: Properties = {}) => object("apps/v1/Deployment", { spec, ...more });

  const cases: [string, object, object, object, object][] = [
    ["nothing", { replicas: 1 }, { replicas: 1 }, { replicas: 1, paused: false }, { replicas: 1 }],
    ["what somebody scaled", { replicas: 1 }, { replicas: 1 }, { replicas: 3 }, { replicas: 3 }],
    ["no other writing of the same", { cpu: "1000m" }, { cpu: "1" }, { cpu: "1" }, { cpu: "1000m" }],
    ["what is gone", { a: 1, b: 2 }, { a: 1, b: 2 }, { a: 1 }, { a: 1 }],
    [
      "an image, and not the defaults beside it",
      { containers: [{ image: "a" }] },
      { containers: [{ image: "a", pull: "x" }] },
      { containers: [{ image: "b", pull: "x" }] },
      { containers: [{ image: "b" }] },
    ],
  ];
  test.each(cases)("finds %s", (_, inputs, before, live, expected) => {
    const found = driftedInputs(deployment(inputs), deployment(before), deployment(live));
    expect(found.spec).toEqual(expected);
  });

  test("finds what was changed in a Secret given as text", () => {
    const secretOf = (data: object) => object("v1/Secret", { data });
    const inputs = object("v1/Secret", { stringData: { a: "1", b: "2" } });
    const before = secretOf({ a: base64("1"), b: base64("2") });
    const { stringData } = driftedInputs(inputs, before, secretOf({ a: base64("1"), b: base64("9") }));
    expect(stringData).toEqual({ a: "1", b: "9" });
  });

  test("an import asks for all that a program can give", () => {
    const metadata = {
      uid: "u",
      annotations: { "deployment.kubernetes.io/revision": "1" },
      labels: { a: "b" },
    };
    const live = deployment({ replicas: 1 }, { metadata, status: { replicas: 1 } });
    expect(inputsOf(live)).toEqual(deployment({ replicas: 1 }, { metadata: { labels: { a: "b" } } }));
  });
});

describe("whose a field is", () => {
  const managed = (...entries: [string, string, object][]) => ({
    metadata: {
      managedFields: entries.map(([manager, operation, fieldsV1]) => ({ manager, operation, fieldsV1 })),
    },
  });
  const replicas = { "f:spec": { "f:replicas": {} } };

  test("what a person set with kubectl becomes ours with the next update", () => {
    const live = object(
      "apps/v1/Deployment",
      managed(
        ["ours", "Apply", { "f:spec": { "f:template": {} } }],
        ["kubectl-edit", "Update", replicas],
        ["controller", "Update", { "f:status": {} }],
      ),
    );
    expect(takeover(live, "ours")).toMatchObject([
      {
        value: [
          { manager: "controller" },
          {
            manager: "ours",
            operation: "Apply",
            fieldsV1: { "f:spec": { "f:template": {}, "f:replicas": {} } },
          },
        ],
      },
    ]);
    expect(takeover(object("apps/v1/Deployment", managed(["ours", "Apply", {}])), "ours")).toBeUndefined();
  });

  test("a field to ignore that another sets is left to it, and one of ours stays as it is", () => {
    const wanted = object("apps/v1/Deployment", { spec: { replicas: 1, paused: true } });
    const options = { ignoreChanges: ["spec.replicas"], fieldManager: "ours" };
    const scaled = { spec: { replicas: 5 } };
    const theirs = object("apps/v1/Deployment", { ...managed(["scaler", "Update", replicas]), ...scaled });
    expect(ignoring(wanted, theirs, options).spec).toEqual({ paused: true });
    const own = object("apps/v1/Deployment", { ...managed(["ours", "Apply", replicas]), ...scaled });
    expect(ignoring(wanted, own, options).spec).toEqual({ replicas: 5, paused: true });
  });
});
