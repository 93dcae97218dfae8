import { createServer, type Server, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { KubeConfig } from "@kubernetes/client-node";
import { carry, hangUp, Opening, openTunnel } from "./pod-tunnel.ts";
import { type ReadyPod, readyPods, type ServicePort, Unreachable } from "./ready-pods.ts";

/** A service's endpoint. */
export interface ForwardTarget extends ServicePort {
  /** Path of the URL: `/mcp`. */
  path: string;
  /** Port on this machine. Default: any free one. */
  localPort?: number;
}

/** How long the list of ready pods holds: a pod that is about to end still takes connections. */
const freshMs = 2_000;

/**
 * Hands `use` a loopback URL that leads to a ready pod of the service, for as long as `use` takes. Connections stay with
 * one pod while it is ready, as sessions of older clients need; when it is gone, the next ready one takes over.
 * @throws {Unreachable} when no pod is ready, or the cluster lets nobody through
 */
export async function forwarded<T>(
  kubeConfig: KubeConfig,
  target: ForwardTarget,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const way = new Way(kubeConfig, target);
  await way.prove();
  const callers = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (caller) => {
    callers.add(caller.once("close", () => callers.delete(caller)));
    // A caller that resets its connection has gone, and no more.
    caller.on("error", () => caller.destroy());
    void way.carry(caller);
  });
  try {
    const port = await listen(server, target.localPort ?? 0);
    return await use(`http://127.0.0.1:${port}${target.path}`);
  } finally {
    for (const caller of callers) caller.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** The way to a service's pods. */
class Way {
  readonly #kubeConfig: KubeConfig;
  readonly #target: ForwardTarget;
  #pods: ReadyPod[] = [];
  #known = 0;
  #asking: Promise<void> | undefined;

  constructor(kubeConfig: KubeConfig, target: ForwardTarget) {
    this.#kubeConfig = kubeConfig;
    this.#target = target;
  }

  /** Opens one connection and closes it: what stands in the way is said here, rather than as a broken connection. */
  async prove(): Promise<void> {
    await this.#refresh();
    let reason: unknown;
    for (const pod of [...this.#pods]) {
      const streams = { input: new PassThrough(), output: new PassThrough(), fault: new PassThrough() };
      try {
        const tunnel = await openTunnel(this.#kubeConfig, this.#target.namespace, pod, streams);
        hangUp(tunnel);
        return;
      } catch (error) {
        reason = error;
        this.#putLast(pod);
      }
    }
    throw reason;
  }

  /** Carries a caller's connection, to another pod when one turns out to be gone before it answered. */
  async carry(caller: Socket): Promise<void> {
    const opening = new Opening();
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        if (attempt > 0 || Date.now() - this.#known > freshMs) await this.#refresh();
        const [pod] = this.#pods;
        if (!pod || !opening.whole || caller.destroyed) break;
        const reason = await carry(this.#kubeConfig, this.#target.namespace, pod, caller, opening);
        if (reason === undefined) return;
        this.#putLast(pod);
      }
    } catch {
      // To the caller it is a connection that breaks.
    }
    caller.destroy();
  }

  #putLast(pod: ReadyPod): void {
    this.#pods = [...this.#pods.filter(({ name }) => name !== pod.name), pod];
  }

  /** The pods in the order in which they were, new ones last; many callers ask once. */
  #refresh(): Promise<void> {
    this.#asking ??= readyPods(this.#kubeConfig, this.#target)
      .then((ready) => {
        const order = this.#pods.map(({ name }) => name);
        const rank = ({ name }: ReadyPod) => (order.includes(name) ? order.indexOf(name) : order.length);
        this.#pods = ready.sort((a, b) => rank(a) - rank(b));
        this.#known = Date.now();
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code }: NodeJS.ErrnoException) =>
      reject(
        new Unreachable(
          code === "EADDRINUSE"
            ? `port ${port} of this machine is taken by another program`
            : `port ${port} of this machine can't be listened on (${code})`,
        ),
      ),
    );
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
