import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { oneLine } from "../../../smoke/redact.ts";

/** What keeps a pod from being ready. */
export interface Trouble {
  /** What is wrong, to stand behind the pod's name. */
  what: string;
  /** What to do, where that is known. */
  advice?: string;
  /** The container whose log may tell more, and whether it is the one that ended before. */
  log?: { container: string; previous: boolean };
}

/** What keeps a pod from being ready; nothing for one that is, or that is on its way out. Pure. */
export function troublesOf(pod: V1Pod): Trouble[] {
  const { metadata, status } = pod;
  if (metadata?.deletionTimestamp || isReady(pod)) return [];
  if (status?.reason === "Evicted") return [{ what: `was evicted: ${line(status.message)}` }];
  const placed = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (placed?.status === "False") return [unplaced(placed.message)];
  // An init container that is done is as ready as it gets.
  const inits = (status?.initContainerStatuses ?? []).filter(
    ({ state }) => state?.terminated?.exitCode !== 0,
  );
  const containers = [...inits, ...(status?.containerStatuses ?? [])];
  const troubles = containers.flatMap((each) => containerTroubles(pod, each));
  if (troubles.length > 0) return troubles;
  return [{ what: "has not been taken up by its node yet" }];
}

/** Whether a pod takes calls. */
export function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some((each) => each.type === "Ready" && each.status === "True") ?? false;
}

function unplaced(message: string | undefined): Trouble {
  const advice = /Insufficient (cpu|memory)/.test(message ?? "")
    ? "Give the cluster more nodes, or lower `resources` or `replicas`."
    : /PersistentVolumeClaim/i.test(message ?? "")
      ? "See that the storage class makes volumes: kubectl describe pvc."
      : undefined;
  return { what: `finds no node: ${line(message)}`, ...(advice && { advice }) };
}

function containerTroubles(pod: V1Pod, status: V1ContainerStatus): Trouble[] {
  const { name, state, ready, restartCount } = status;
  const ended = state?.terminated ?? status.lastState?.terminated;
  const log = { container: name, previous: !state?.terminated };
  if (state?.terminated || state?.waiting?.reason === "CrashLoopBackOff")
    return [{ ...endedBecause(pod, name, ended, restartCount), log }];
  if (state?.waiting) return waiting(status);
  if (ready || !state?.running) return [];
  const restarts = ended
    ? `; before, it ${endedBecause(pod, name, ended, restartCount).what.replace(/^container \S+ /, "")}`
    : "";
  const probe = status.started === false ? "startup" : "readiness";
  return [
    {
      what: `container ${name} runs, and does not answer its ${probe} probe${restarts}`,
      ...(probe === "startup" && { advice: startAdvice(pod) }),
      log: { container: name, previous: false },
    },
  ];
}

function endedBecause(
  { spec }: V1Pod,
  name: string,
  ended: { exitCode: number; reason?: string } | undefined,
  restarts: number,
): Trouble {
  const again = restarts > 0 ? `, ${restarts} restart${restarts === 1 ? "" : "s"}` : "";
  if (ended?.reason === "OOMKilled") {
    const container = spec?.containers.find((each) => each.name === name);
    const limit = container?.resources?.limits?.memory;
    return {
      what: `container ${name} took more memory than it may${limit ? ` (${limit})` : ""} and was killed${again}`,
      advice: "Raise its `resources.memory`.",
    };
  }
  const code = ended ? ` with exit code ${ended.exitCode}` : "";
  // Who is ended from outside, by a signal, has mostly not answered in time.
  const isKilled = ended?.exitCode === 137 || ended?.exitCode === 143;
  return {
    what: `container ${name} ends${code}${again}`,
    advice: isKilled
      ? "It was ended from outside, mostly since it did not answer its probe: raise `startTimeout`, or look at the log."
      : "It ends by itself: its last lines say why.",
  };
}

/** A gateway has no such setting: it is up when it has reached its servers. */
function startAdvice({ metadata }: V1Pod): string {
  return metadata?.labels?.["mcp-infra.dev/role"] === "gateway"
    ? "It starts when it reaches its servers: look at theirs and its log."
    : "Raise `startTimeout`, or look at the log.";
}

const waits: Record<string, { what: (image: string) => string; advice?: string }> = {
  ErrImagePull: {
    what: (image) => `can't pull its image ${image}`,
    advice:
      "See that the reference is right, name and digest, that the nodes reach the registry, and that the namespace has its pull secret.",
  },
  InvalidImageName: { what: (image) => `has an image reference that is none: ${image}` },
  CreateContainerConfigError: {
    what: () => "lacks a Secret, a ConfigMap or a setting that it refers to",
    advice: "See that what is named exists in the namespace.",
  },
  CreateContainerError: { what: () => "can't be made by its node" },
  RunContainerError: {
    what: () => "can't be started by its node",
    advice: "See that its command exists in the image.",
  },
};

function waiting({ name, image, state }: V1ContainerStatus): Trouble[] {
  const { reason = "", message } = state?.waiting ?? {};
  const known = waits[/^(ImagePullBackOff|ErrImageNeverPull)$/.test(reason) ? "ErrImagePull" : reason];
  if (known) {
    const said = message ? ` (${line(shortened(message, image))})` : "";
    return [
      {
        what: `container ${name} ${known.what(image)}${said}`,
        ...(known.advice && { advice: known.advice }),
      },
    ];
  }
  // Behind an init container all others wait; that one's own trouble says more.
  if (reason === "PodInitializing") return [];
  return [
    { what: `container ${name} waits: ${reason || "no reason given"}${message ? `, ${line(message)}` : ""}` },
  ];
}

/** Of a chain of errors that each quote the image, its end. */
function shortened(message: string, image: string): string {
  return message
    .replaceAll(image, "it")
    .replace(/^.*ErrImagePull: /, "")
    .replaceAll(/(?:failed to [\w ]*"?it"?: )/g, "");
}

function line(text: string | undefined): string {
  const whole = oneLine(text ?? "no reason given");
  return whole.length > 300 ? `${whole.slice(0, 299)}…` : whole;
}
