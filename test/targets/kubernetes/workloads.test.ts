import { describe, expect, test } from "vitest";
import { serverSchema } from "../../../components/model/index.ts";
import { kubernetesSchema } from "../../../components/targets/kubernetes/args.ts";
import { claimsOf } from "../../../components/targets/kubernetes/claims.ts";
import { patienceSeconds, serverWorkload } from "../../../components/targets/kubernetes/server-workload.ts";

const image = `registry.example.com/a@sha256:${"0".repeat(64)}`;
const settings = kubernetesSchema.parse({ namespace: "support", image: { reference: image } });
const none = { env: [], volumes: [], volumeMounts: [] };

interface Probe {
  failureThreshold: number;
  periodSeconds: number;
  httpGet: { port: number };
}
interface Container {
  name: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
}
interface Spec {
  progressDeadlineSeconds: number;
  template: {
    spec: {
      containers: [Container];
      initContainers?: Container[];
      terminationGracePeriodSeconds: number;
    };
  };
}

const http = (given: object = {}, port = 3001) => ({ name: "notes", http: { image, port }, ...given });
const stdio = (given: object = {}) => ({ name: "notes", stdio: { image, command: "/notes" }, ...given });
const workload = (server: object) => {
  const made = serverWorkload(serverSchema.parse(server), settings, none);
  const { progressDeadlineSeconds, template } = made.deployment.spec as unknown as Spec;
  const { containers, initContainers = [], terminationGracePeriodSeconds } = template.spec;
  const [container] = containers;
  return { ...made, container, initContainers, terminationGracePeriodSeconds, progressDeadlineSeconds };
};

describe("what a server is started with", () => {
  test("reaches it as declared: Kubernetes puts no variable in, and takes no $ away", () => {
    const { container } = workload({
      name: "notes",
      http: { image, command: "/bin/$(A)", args: ["$(SECRET)", "a$$b", "$5"], port: 3001 },
      env: { TEMPLATE: "$(SECRET) $HOME" },
    });
    expect(container.command).toEqual(["/bin/$$(A)"]);
    expect(container.args).toEqual(["$$(SECRET)", "a$$$$b", "$$5"]);
    expect(container.env).toContainEqual({ name: "TEMPLATE", value: "$$(SECRET) $$HOME" });
  });

  test.each(["notes-probe", "mcp-probe", "mcp-infra-runtime"])("%s is a name like any other", (name) => {
    for (const server of [http({ name }), stdio({ name })]) {
      const { container, initContainers } = workload(server);
      const names = [container, ...initContainers].map((each) => each.name);
      expect(new Set(names).size).toBe(names.length);
      expect(names.every((each) => each.length <= 63)).toBe(true);
    }
  });

  test("has the port of its probe to itself", () => {
    const usual = workload(http()).container.readinessProbe.httpGet.port;
    const { container, initContainers } = workload(http({}, usual));
    expect(container.readinessProbe.httpGet.port).not.toBe(usual);
    expect(initContainers[0]?.args).toContain(`[::]:${container.readinessProbe.httpGet.port}`);
  });
});

describe("time", () => {
  const lasts = ({ failureThreshold, periodSeconds }: Probe) => (failureThreshold - 1) * periodSeconds;

  test.each(["1ms", "1s", "2s", "3s", "60s", "24h"])(
    "a start may take %s, counted from the first question, which comes at once",
    (startTimeout) => {
      const { startTimeout: ms } = serverSchema.parse(http({ startTimeout }));
      expect(lasts(workload(http({ startTimeout })).container.startupProbe)).toBeGreaterThanOrEqual(
        ms / 1_000,
      );
    },
  );

  test.each([
    ["stdio", stdio],
    ["HTTP", http],
  ])("a %s server is not taken for dead while it is busy with its longest call", (_, server) => {
    expect(lasts(workload(server({ timeout: "10m" })).container.livenessProbe)).toBeGreaterThanOrEqual(600);
    expect(lasts(workload(server({ timeout: "1s" })).container.livenessProbe)).toBeGreaterThanOrEqual(50);
  });

  test("a rollout that waits for its predecessor's calls is not given up", () => {
    const { progressDeadlineSeconds, terminationGracePeriodSeconds } = workload(
      stdio({ storage: true, timeout: "10m" }),
    );
    expect(terminationGracePeriodSeconds).toBeGreaterThan(600);
    expect(progressDeadlineSeconds).toBeGreaterThan(terminationGracePeriodSeconds + 60);
  });

  test("a rollout of many pods, one after the other, is not given up while it goes on", () => {
    expect(patienceSeconds(120, 20)).toBeGreaterThan(20 * 120);
  });
});

describe("a server that may be several", () => {
  const many = (given: object) => workload({ ...http(given), http: { image, port: 3001, sessions: false } });

  test("is drained one pod at a time, also when one is the least", () => {
    expect(many({}).disruptionBudget).toBeUndefined();
    expect(many({ replicas: 2 }).disruptionBudget?.spec).toMatchObject({ maxUnavailable: 1 });
    expect(many({ autoscale: { max: 5 } }).disruptionBudget?.spec).toMatchObject({ maxUnavailable: 1 });
  });

  test("claims what it may come to", () => {
    expect(claimsOf(many({ autoscale: { max: 5 } }).deployment, 5).pods).toBe(6);
  });
});
