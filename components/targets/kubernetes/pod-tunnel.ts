import type { Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node";
import { type ReadyPod, Unreachable } from "./ready-pods.ts";

/** What is used of the client's WebSocket. */
export interface Tunnel {
  readonly bufferedAmount: number;
  close(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  ping(): void;
  once(event: "close", listener: () => void): unknown;
}

const openDeadlineMs = 10_000;
/** Of what a slow way to the pod keeps waiting, in bytes. */
const most = 1024 * 1024;
/** So that nothing on the way takes a quiet stream for a dead one. */
const pingMs = 30_000;
/**
 * Whoever has said its last may still listen, or be gone: on the wire that is the same. So long is an answer waited for.
 */
const lastWordMs = 15_000;
const goodbyeMs = 1_000;

/** What a caller has sent before the pod's first answer: another pod may get it, should this one turn out to be gone. */
export class Opening {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Whether all of it is still here. */
  whole = true;

  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  keep(chunk: Buffer): void {
    if (!this.whole) return;
    this.#bytes += chunk.length;
    if (this.#bytes <= most) this.#chunks.push(chunk);
    else this.drop();
  }

  drop(): void {
    this.#chunks = [];
    this.whole = false;
  }
}

/** Opens a connection to a pod's port. */
export async function openTunnel(
  kubeConfig: KubeConfig,
  namespace: string,
  pod: ReadyPod,
  { input, output, fault }: { input: PassThrough; output: Writable; fault: Writable },
): Promise<Tunnel> {
  const { PortForward } = await import("@kubernetes/client-node");
  const opening = new PortForward(kubeConfig).portForward(
    namespace,
    pod.name,
    [pod.port],
    output,
    fault,
    input,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Unreachable(`the way to pod ${pod.name} does not open in time`));
      opening.then(
        (tunnel) => (tunnel as unknown as Tunnel).terminate(),
        () => {},
      );
    }, openDeadlineMs);
  });
  try {
    return (await Promise.race([opening, late])) as unknown as Tunnel;
  } catch (error) {
    throw error instanceof Unreachable ? error : new Unreachable(refusal(error, namespace, pod));
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a tunnel; whose other side does not say goodbye is not waited for. */
export function hangUp(tunnel: Tunnel): void {
  tunnel.close();
  setTimeout(() => tunnel.terminate(), goodbyeMs).unref();
}

/** The client rejects with an event of its WebSocket, which has a message and is no error. */
function refusal(event: unknown, namespace: string, pod: ReadyPod): string {
  const { message = "" } = event as { message?: string };
  const status = /Unexpected server response: (\d+)/.exec(message)?.[1];
  if (status === "403")
    return `a port-forward to pod ${pod.name} is forbidden: the rights "get" and "create" of pods/portforward in namespace ${namespace} are needed`;
  if (status === "404") return `pod ${pod.name} is gone`;
  return `the way to pod ${pod.name} does not open${message ? `: ${message}` : ""}`;
}

/**
 * Carries one caller's connection to a pod until either ends it. Answers with a reason when nothing came of it, so that
 * another pod may be tried; with none when the caller has been served.
 */
export async function carry(
  kubeConfig: KubeConfig,
  namespace: string,
  pod: ReadyPod,
  caller: Socket,
  opening: Opening,
): Promise<string | undefined> {
  let tunnel: Tunnel | undefined;
  let answered = false;
  let said = "";
  let lastWord: NodeJS.Timeout | undefined;
  const input = new PassThrough();
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      // Each channel begins with its port's number, which the client takes off and leaves nothing.
      if (chunk.length === 0) return done();
      answered = true;
      opening.drop();
      lastWord?.refresh();
      if (caller.destroyed || caller.write(chunk)) return done();
      tunnel?.pause();
      caller.once("drain", () => {
        tunnel?.resume();
        done();
      });
    },
  });
  const fault = new Writable({
    write(chunk: Buffer, _, done) {
      said += chunk.toString();
      if (said && tunnel) hangUp(tunnel);
      done();
    },
  });
  for (const chunk of opening.chunks) input.write(chunk);
  const onData = (chunk: Buffer) => {
    opening.keep(chunk);
    input.write(chunk);
    if ((tunnel?.bufferedAmount ?? 0) + input.readableLength < most) return;
    caller.pause();
    setTimeout(() => caller.resume(), 20);
  };
  const onClose = () => tunnel && hangUp(tunnel);
  const onEnd = () => {
    lastWord = setTimeout(() => caller.destroy(), lastWordMs);
  };
  caller.on("data", onData).once("close", onClose).once("end", onEnd);
  if (caller.readableEnded) onEnd();
  caller.resume();
  const pings = setInterval(() => tunnel?.ping(), pingMs);
  try {
    tunnel = await openTunnel(kubeConfig, namespace, pod, { input, output, fault });
    const closed = new Promise<void>((resolve) => tunnel?.once("close", resolve));
    if (caller.destroyed || said) hangUp(tunnel);
    await closed;
    if (said && !answered) {
      caller.pause();
      return said;
    }
    // What came last may still wait for a slow caller.
    await new Promise<void>((resolve) => (caller.destroyed ? resolve() : output.end(resolve)));
    if (said) caller.destroy();
    else caller.end();
    // Whatever it still says goes nowhere, and its own end is seen.
    caller.off("data", onData).resume();
    return undefined;
  } catch (error) {
    caller.pause();
    if (error instanceof Unreachable) return error.message;
    throw error;
  } finally {
    clearInterval(pings);
    clearTimeout(lastWord);
    caller.off("data", onData).off("close", onClose).off("end", onEnd);
  }
}
