import type * as k8s from "@pulumi/kubernetes";
import { EVERY_ADDRESS } from "../../../gateway/http/listening.ts";
import { copiedRuntime } from "../../../gateway/runtime/copied.ts";
import { dataDirectory, type ServerModel } from "../../model/index.ts";
import type { KubernetesSettings } from "./args.ts";
import { bridgePort, probePort } from "./labels.ts";
import type { PlainContainer } from "./literal.ts";
import { claims, lameDuck } from "./pod.ts";
import { probes } from "./probes.ts";
import type { SecretMounts } from "./secrets.ts";

type Volume = k8s.types.input.core.v1.Volume;

/** Where a server's volume is, which {@link dataDirectory} stands for. */
const dataPath = "/data";
/** Where an init container puts our programs for images that don't have them. */
const runtimePath = "/mcp-infra";
/** What a probe or an init container of ours is given. */
const sidecarClaims = claims({ cpu: "10m", memory: "96Mi" });

/** The containers of a server's pod, and the volumes they share. */
export interface ServerContainers {
  containers: PlainContainer[];
  initContainers: PlainContainer[];
  volumes: Volume[];
}

/** The port on which a server's pod speaks streamable HTTP. */
export function portOf(server: ServerModel): number {
  return server.http?.port ?? bridgePort;
}

/** How long calls under way get when the pod ends, in milliseconds. */
export function drainOf(server: ServerModel): number {
  return server.timeout ?? 60_000;
}

/** A server as containers: a stdio server behind its bridge in one container, an HTTP server with a probe beside it. */
export function serverContainers(
  server: ServerModel,
  settings: KubernetesSettings,
  secrets: SecretMounts,
): ServerContainers {
  return server.stdio
    ? stdioContainers(server, server.stdio, settings, secrets)
    : httpContainers(server, settings, secrets);
}

function stdioContainers(
  server: ServerModel,
  stdio: NonNullable<ServerModel["stdio"]>,
  settings: KubernetesSettings,
  secrets: SecretMounts,
): ServerContainers {
  const bridge = [
    "bridge",
    ...["--name", server.name],
    ...["--listen", `[${EVERY_ADDRESS}]:${bridgePort}`],
    ...["--request-timeout", String(server.timeout ?? 3_600_000)],
    ...["--start-timeout", String(server.startTimeout)],
    ...["--drain", String(drainOf(server))],
    ...(stdio.sessionProcesses ? ["--sessions", String(stdio.sessionProcesses)] : []),
  ];
  const paths = { startup: "/health", readiness: "/health", liveness: "/health" };
  const shared = {
    ...base(server, secrets),
    ports: [{ name: "mcp", containerPort: bridgePort }],
    ...probes({ port: bridgePort, paths, startTimeoutMs: server.startTimeout, callMs: drainOf(server) }),
  };
  if (!stdio.image)
    return {
      containers: [
        {
          ...shared,
          image: settings.image.reference,
          args: [...bridge, ...packageFlags(stdio), "--", ...withData(stdio.args)],
        },
      ],
      initContainers: [],
      volumes: volumesOf(server, secrets),
    };
  // A foreign image has no bridge, and perhaps no C library: it gets a runtime with everything it needs.
  const runtime = { name: "mcp-infra", mountPath: runtimePath };
  return {
    containers: [
      {
        ...shared,
        image: stdio.image,
        command: [...copiedRuntime(runtimePath)],
        args: [...bridge, "--", ...(stdio.command ? [stdio.command] : []), ...withData(stdio.args)],
        volumeMounts: [...shared.volumeMounts, { ...runtime, readOnly: true }],
      },
    ],
    initContainers: [
      {
        name: `${server.name}-runtime`,
        image: settings.image.reference,
        args: ["copy-runtime", "--to", runtimePath],
        resources: sidecarClaims,
        volumeMounts: [runtime],
      },
    ],
    volumes: [...volumesOf(server, secrets), { name: runtime.name, emptyDir: {} }],
  };
}

function httpContainers(
  server: ServerModel,
  settings: KubernetesSettings,
  secrets: SecretMounts,
): ServerContainers {
  const { http } = server;
  if (!http) throw new TypeError(`server ${server.name} has no transport that runs in a pod`);
  const paths = { startup: "/ready", readiness: "/ready", liveness: "/live" };
  // The containers of a pod share its ports.
  const port = http.port === probePort ? probePort + 1 : probePort;
  const program = http.image
    ? {
        image: http.image,
        ...(http.command && { command: [http.command] }),
        args: withData(http.args),
      }
    : {
        image: settings.image.reference,
        args: ["run", ...packageFlags(http), "--", ...withData(http.args)],
      };
  const shared = base(server, secrets);
  return {
    containers: [
      {
        ...shared,
        ...program,
        // As on every target: servers that take their port from the environment mostly look there.
        env: [
          ...(server.env.PORT === undefined ? [{ name: "PORT", value: String(http.port) }] : []),
          ...shared.env,
        ],
        ports: [{ name: "mcp", containerPort: http.port }],
        ...probes({ port, paths, startTimeoutMs: server.startTimeout, callMs: drainOf(server) }),
      },
    ],
    initContainers: [
      {
        // A sidecar: it starts before the server and ends after it.
        name: `${server.name}-probe`,
        restartPolicy: "Always",
        image: settings.image.reference,
        args: [
          "probe",
          ...["--listen", `[${EVERY_ADDRESS}]:${port}`],
          ...["--url", `http://127.0.0.1:${http.port}${http.path}`],
        ],
        resources: sidecarClaims,
      },
    ],
    volumes: volumesOf(server, secrets),
  };
}

/** What a server's container has whatever its transport. */
function base(server: ServerModel, secrets: SecretMounts) {
  const plain = Object.entries(server.env).flatMap(([name, value]) =>
    typeof value === "string" ? [{ name, value: inData(value) }] : [],
  );
  return {
    name: server.name,
    env: [...plain, ...secrets.env],
    resources: claims(server.resources),
    lifecycle: lameDuck,
    ...(server.storage && { workingDir: dataPath }),
    volumeMounts: [
      ...(server.storage ? [{ name: "data", mountPath: dataPath }] : []),
      ...secrets.volumeMounts,
    ],
  };
}

function volumesOf(server: ServerModel, secrets: SecretMounts): Volume[] {
  return [
    ...(server.storage ? [{ name: "data", persistentVolumeClaim: { claimName: server.name } }] : []),
    ...secrets.volumes,
  ];
}

function packageFlags({ package: name, bin }: NonNullable<ServerModel["stdio"]>): string[] {
  return [...(name ? ["--package", name] : []), ...(bin ? ["--bin", bin] : [])];
}

const inData = (text: string) => text.replaceAll(dataDirectory, dataPath);
const withData = (args: readonly string[]) => args.map(inData);
