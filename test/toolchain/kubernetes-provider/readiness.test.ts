import { describe, expect, test } from "vitest";
import {
  type Judgement,
  judge,
  type Surroundings,
} from "../../../toolchain/kubernetes-provider/readiness.ts";
import { judgeRequirements, requirementsOf } from "../../../toolchain/kubernetes-provider/wait-for.ts";
import { object } from "./objects.ts";

type State = Judgement["state"];
const condition = (type: string, status: string, reason = "", message = "") => ({
  conditions: [{ type, status, reason, message }],
});
const seen = { metadata: { generation: 2 } };
const status = (fields: object) => ({ ...seen, status: { observedGeneration: 2, ...fields } });
const two = { spec: { replicas: 2 } };
const rolled = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
const selecting = { spec: { selector: { app: "a" } } };
const address = { status: { loadBalancer: { ingress: [{ ip: "10.0.0.1" }] } } };
const revisions = { updateRevision: "b", currentRevision: "a" };

/** Kind and what is said of it, the object's fields, and what follows; then what stands around it. */
const cases: [string, string, object, State, string, Surroundings?][] = [
  ["apps/v1/Deployment", "just applied", seen, "waiting", "has not seen"],
  ["apps/v1/Deployment", "rolled out", { ...two, ...status(rolled) }, "ready", ""],
  ["apps/v1/Deployment", "no replicas wanted", { spec: { replicas: 0 }, ...status({}) }, "ready", ""],
  [
    "apps/v1/Deployment",
    "half updated",
    { ...two, ...status({ ...rolled, updatedReplicas: 1 }) },
    "waiting",
    "1 of 2 replicas are updated",
  ],
  [
    "apps/v1/Deployment",
    "old ones left",
    { ...two, ...status({ ...rolled, replicas: 3 }) },
    "waiting",
    "1 old replicas still run",
  ],
  [
    "apps/v1/Deployment",
    "not available",
    { ...two, ...status({ ...rolled, availableReplicas: 0 }) },
    "waiting",
    "0 of 2 replicas are available",
  ],
  [
    "apps/v1/Deployment",
    "out of time",
    { ...two, ...status(condition("Progressing", "False", "ProgressDeadlineExceeded", "too long")) },
    "failed",
    "too long",
  ],
  ["apps/v1/StatefulSet", "ready", { ...two, ...status(rolled) }, "ready", ""],
  [
    "apps/v1/StatefulSet",
    "one old revision",
    { ...two, ...status({ ...rolled, ...revisions, updatedReplicas: 1 }) },
    "waiting",
    "1 of 2 replicas are updated",
  ],
  [
    "apps/v1/StatefulSet",
    "as far as its partition",
    {
      spec: { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      ...status({ ...rolled, ...revisions, updatedReplicas: 1 }),
    },
    "ready",
    "",
  ],
  ["apps/v1/DaemonSet", "on no node", status({ desiredNumberScheduled: 0 }), "ready", ""],
  [
    "apps/v1/DaemonSet",
    "on one of two",
    status({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 }),
    "waiting",
    "1 of 2 pods are available",
  ],
  ["batch/v1/Job", "running", {}, "waiting", "0 of 1 pods have succeeded"],
  ["batch/v1/Job", "done", { status: condition("Complete", "True") }, "ready", ""],
  [
    "batch/v1/Job",
    "failed",
    { status: condition("Failed", "True", "BackoffLimitExceeded", "too often") },
    "failed",
    "BackoffLimitExceeded: too often",
  ],
  ["v1/Pod", "pending", { status: { phase: "Pending" } }, "waiting", "Pending"],
  ["v1/Pod", "ready", { status: { phase: "Running", ...condition("Ready", "True") } }, "ready", ""],
  ["v1/Pod", "done", { status: { phase: "Succeeded" } }, "ready", ""],
  ["v1/Pod", "failed", { status: { phase: "Failed", message: "evicted" } }, "failed", "evicted"],
  ["v1/Service", "no pods behind it", selecting, "waiting", "does not target any Pods"],
  ["v1/Service", "a pod behind it", selecting, "ready", "", { endpoints: 1 }],
  ["v1/Service", "headless", { spec: { ...selecting.spec, clusterIP: "None" } }, "ready", ""],
  ["v1/Service", "an external name", { spec: { ...selecting.spec, type: "ExternalName" } }, "ready", ""],
  ["v1/Service", "without a selector", { spec: {} }, "ready", ""],
  [
    "v1/Service",
    "no address from a load balancer",
    { spec: { ...selecting.spec, type: "LoadBalancer" } },
    "waiting",
    "was not allocated an IP address",
    { endpoints: 1 },
  ],
  [
    "v1/Service",
    "a load balancer",
    { spec: { ...selecting.spec, type: "LoadBalancer" }, ...address },
    "ready",
    "",
    { endpoints: 1 },
  ],
  ["networking.k8s.io/v1/Ingress", "no address", {}, "waiting", "was not updated"],
  ["networking.k8s.io/v1/Ingress", "an address", address, "ready", ""],
  ["v1/PersistentVolumeClaim", "pending", { status: { phase: "Pending" } }, "waiting", "no volume is bound"],
  ["v1/PersistentVolumeClaim", "bound", { status: { phase: "Bound" } }, "ready", ""],
  [
    "v1/PersistentVolumeClaim",
    "bound when a pod uses it",
    { status: { phase: "Pending" } },
    "ready",
    "",
    { bindingMode: "WaitForFirstConsumer" },
  ],
  ["apiextensions.k8s.io/v1/CustomResourceDefinition", "new", {}, "waiting", "does not serve it yet"],
  [
    "apiextensions.k8s.io/v1/CustomResourceDefinition",
    "served",
    { status: condition("Established", "True") },
    "ready",
    "",
  ],
  [
    "apiextensions.k8s.io/v1/CustomResourceDefinition",
    "names taken",
    { status: condition("NamesAccepted", "False", "", "already in use") },
    "failed",
    "already in use",
  ],
  ["v1/ConfigMap", "there", {}, "ready", ""],
  ["example.com/v1/Deployment", "somebody else's kind", {}, "ready", ""],
];

describe("whether an object works", () => {
  test.each(cases)("%s: %s", (type, _, fields, state, reason, surroundings) => {
    const judgement = judge(object(type, { ...fields }), surroundings);
    expect(judgement.state).toBe(state);
    expect("reason" in judgement ? judgement.reason : "").toContain(reason);
  });
});

describe("what a program itself waits for", () => {
  const requiring = (waitFor: string) =>
    requirementsOf(
      object("example.com/v1/Widget", { metadata: { annotations: { "pulumi.com/waitFor": waitFor } } }),
    );
  const widget = object("example.com/v1/Widget", { status: { phase: "Up", ...condition("Ready", "False") } });
  const written: [string, State][] = [
    ["condition=Ready", "waiting"],
    ["condition=Ready=False", "ready"],
    ["jsonpath={.status.phase}", "ready"],
    ["jsonpath={.status.phase}=Up", "ready"],
    ["jsonpath={.status.phase}=Down", "waiting"],
    ["jsonpath={.status.conditions[0].type}=Ready", "ready"],
    ['["condition=Ready=False", "jsonpath={.status.url}"]', "waiting"],
  ];
  test.each(written)("%s", (text, state) => {
    expect(judgeRequirements(widget, requiring(text)).state).toBe(state);
  });

  test("what it can't read it says", () => {
    expect(() => requiring("jsonpath={.items[*].x}")).toThrow("this provider reads");
  });
});
