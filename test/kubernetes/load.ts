import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { CoreV1Api, Exec, type KubeConfig } from "@kubernetes/client-node";
import { until } from "../gateway/fixture.ts";

/** Which tool is called, through which gateway, by whom. */
export interface LoadRequest {
  kubeConfig: KubeConfig;
  namespace: string;
  image: string;
  endpoint: string;
  token: string;
  tool: string;
  arguments: Record<string, unknown>;
  expected: string;
}

/** What became of the calls. */
export interface LoadReport {
  calls: number;
  failed: number;
  /** The first of the failures. */
  failures: string[];
  worstMs: number;
}

const script = readFileSync(new URL("./load-generator.mjs", import.meta.url), "utf8");
const node = "/usr/local/bin/node";

/** Calls that are being made. Disposed of, the pod that makes them is gone, whatever became of the test. */
export interface Load extends AsyncDisposable {
  /** Ends it and reports. */
  stop(): Promise<LoadReport>;
}

/** Starts calling from a pod of the cluster, and answers when calls are being made. */
export async function startLoad(request: LoadRequest): Promise<Load> {
  const { kubeConfig, namespace } = request;
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const name = `load-${Date.now().toString(36)}`;
  const env = {
    ENDPOINT: request.endpoint,
    TOKEN: request.token,
    TOOL: request.tool,
    ARGUMENTS: JSON.stringify(request.arguments),
    EXPECTED: request.expected,
  };
  await core.createNamespacedPod({
    namespace,
    body: {
      metadata: { name },
      spec: {
        restartPolicy: "Never",
        // A test that is killed can't clean up.
        activeDeadlineSeconds: 600,
        automountServiceAccountToken: false,
        containers: [
          {
            name: "load",
            image: request.image,
            command: [node, "--input-type=module", "-e", script],
            env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
          },
        ],
      },
    },
  });
  const phase = async () => (await core.readNamespacedPodStatus({ name, namespace })).status?.phase;
  await until(async () => (await phase()) === "Running", 60_000);
  return {
    async stop() {
      const stop = [node, "-e", "process.kill(1, 'SIGTERM')"];
      await new Exec(kubeConfig).exec(
        namespace,
        name,
        "load",
        stop,
        new PassThrough(),
        new PassThrough(),
        null,
        false,
      );
      await until(async () => (await phase()) === "Succeeded", 60_000);
      const log = await core.readNamespacedPodLog({ name, namespace });
      return JSON.parse(log.trim().split("\n").at(-1) ?? "") as LoadReport;
    },
    async [Symbol.asyncDispose]() {
      await core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
    },
  };
}
