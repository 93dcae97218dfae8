import type { Configuration, KubeConfig } from "@kubernetes/client-node";
import { ApiError, messageOf, NoMatch, Unreachable } from "./faults.ts";
import { defaultNamespace, loadKubeconfig, serverOf } from "./kubeconfig.ts";
import { type KubernetesObject, listAt, numberAt, objectOf, textAt } from "./objects.ts";
import type { Settings } from "./settings.ts";
import { isRecord, type Properties } from "./values.ts";

/** What discovery says of a kind. */
export interface ResourceKind {
  /** Its plural, as paths have it. */
  plural: string;
  namespaced: boolean;
}

interface Request {
  query?: Record<string, string | undefined>;
  body?: unknown;
  contentType?: string;
  /** In milliseconds. */
  timeout?: number;
}

/** Long enough for a far cluster and a credential plugin, short enough for a person who waits. */
const reachTimeout = 10_000;

type Dispatcher = NonNullable<
  ReturnType<Parameters<KubeConfig["applySecurityAuthentication"]>[0]["getDispatcher"]>
>;

/** What a request needs of the client: `makeApiClient` of a kubeconfig fills it in. */
class Connection {
  readonly configuration: Configuration;
  dispatcher: Dispatcher | undefined;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }
}

/**
 * The API server, asked for objects of any kind as plain JSON. The client's typed API would drop what its version
 * does not know, and then the server could not say that a field is misspelt.
 */
export class Cluster {
  readonly #settings: Settings;
  readonly #cancelled: AbortSignal;
  readonly #kinds = new Map<string, Promise<Map<string, ResourceKind>>>();
  #config: Promise<KubeConfig> | undefined;
  #connection: Promise<Connection> | undefined;
  #reached: Promise<void> | undefined;

  constructor(settings: Settings, cancelled: AbortSignal) {
    this.#settings = settings;
    this.#cancelled = cancelled;
  }

  get cancelled(): AbortSignal {
    return this.#cancelled;
  }

  async namespace(): Promise<string> {
    return this.#settings.namespace ?? defaultNamespace(await this.#kubeconfig());
  }

  /** Fails at once, and for all resources by the same one attempt, when nobody answers. */
  reach(): Promise<void> {
    this.#reached ??= this.#tryToReach();
    return this.#reached;
  }

  async isReachable(): Promise<boolean> {
    return this.reach().then(
      () => true,
      () => false,
    );
  }

  /** How the API server serves a kind, asked once a group and again when it does not have the kind. */
  async kind(apiVersion: string, kind: string): Promise<ResourceKind> {
    const asked = this.#kinds.get(apiVersion);
    const known = (await asked)?.get(kind);
    if (known !== undefined) return known;
    // Another resource may have asked again meanwhile.
    const now = this.#kinds.get(apiVersion);
    const discovery = now === undefined || now === asked ? this.#discover(apiVersion) : now;
    this.#kinds.set(apiVersion, discovery);
    const found = (await discovery).get(kind);
    if (found === undefined) throw new NoMatch(apiVersion, kind);
    return found;
  }

  async serves({ apiVersion, kind }: KubernetesObject): Promise<boolean> {
    if (!(await this.isReachable())) return false;
    return this.kind(apiVersion, kind).then(
      () => true,
      (error: unknown) => {
        if (error instanceof NoMatch) return false;
        throw error;
      },
    );
  }

  get(object: KubernetesObject): Promise<KubernetesObject> {
    return this.#object("GET", object);
  }

  /** Server-side apply. */
  async apply(
    object: KubernetesObject,
    { fieldManager, force, dryRun }: { fieldManager: string; force: boolean; dryRun: boolean },
  ): Promise<KubernetesObject> {
    return this.#object("PATCH", object, {
      query: { fieldManager, force: String(force), dryRun: dryRun ? "All" : undefined },
      contentType: "application/apply-patch+yaml",
      body: await this.#placed(object),
    });
  }

  /** A JSON patch (RFC 6902). */
  patch(object: KubernetesObject, operations: readonly Properties[]): Promise<KubernetesObject> {
    return this.#object("PATCH", object, { contentType: "application/json-patch+json", body: operations });
  }

  async delete(object: KubernetesObject, propagationPolicy: string): Promise<void> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
    await this.request("DELETE", await this.#path(object), { body, contentType: "application/json" });
  }

  async list(
    of: { apiVersion: string; kind: string; namespace?: string },
    query: Record<string, string>,
  ): Promise<readonly unknown[]> {
    const { plural } = await this.kind(of.apiVersion, of.kind);
    const path = [root(of.apiVersion), ...(of.namespace ? ["namespaces", of.namespace] : []), plural];
    return listAt(parse(await this.request("GET", path.join("/"), { query })), "items");
  }

  /** One request of the API server; the answer's text. */
  async request(method: "GET" | "PATCH" | "DELETE", path: string, request: Request = {}): Promise<string> {
    this.#connection ??= this.#connect();
    const connection = await this.#connection;
    const { baseServer, authMethods, httpApi } = connection.configuration;
    const context = baseServer.makeRequestContext(path, method);
    context.setHeaderParam("Accept", "application/json, */*;q=0.8");
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) context.setQueryParam(name, value);
    if (request.body !== undefined) {
      context.setHeaderParam("Content-Type", request.contentType ?? "application/json");
      context.setBody(JSON.stringify(request.body));
    }
    await authMethods.default?.applySecurityAuthentication(context);
    // The client makes a new pool of connections for each request; one is enough, and spares the handshakes.
    connection.dispatcher ??= context.getDispatcher();
    if (connection.dispatcher) context.setDispatcher(connection.dispatcher);
    const deadline = AbortSignal.timeout(request.timeout ?? 60_000);
    // A write that is cut off may have happened all the same, and nobody would know of the object.
    context.setSignal(method === "GET" ? AbortSignal.any([this.#cancelled, deadline]) : deadline);
    const response = await httpApi
      .send(context)
      .toPromise()
      .catch((error: unknown) => {
        throw this.#cancelled.aborted ? new Error("the operation was cancelled") : networkError(error);
      });
    const text = await response.body.text();
    if (response.httpStatusCode >= 300) throw apiError(response.httpStatusCode, text);
    return text;
  }

  async #object(
    method: "GET" | "PATCH",
    object: KubernetesObject,
    request?: Request,
  ): Promise<KubernetesObject> {
    return objectOf(parse(await this.request(method, await this.#path(object), request)));
  }

  async #path({ apiVersion, kind, metadata }: KubernetesObject): Promise<string> {
    const { plural, namespaced } = await this.kind(apiVersion, kind);
    const namespace = namespaced ? ["namespaces", metadata.namespace || (await this.namespace())] : [];
    const parts = [...namespace, plural, String(metadata.name)].map(encodeURIComponent);
    return [root(apiVersion), ...parts].join("/");
  }

  /** The preview of a kind that is not there yet takes it for namespaced; the server would refuse that. */
  async #placed(object: KubernetesObject): Promise<KubernetesObject> {
    const { namespaced } = await this.kind(object.apiVersion, object.kind);
    if (namespaced || object.metadata.namespace === undefined) return object;
    const { namespace: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  }

  async #tryToReach(): Promise<void> {
    try {
      await this.request("GET", "/api", { timeout: reachTimeout });
    } catch (error) {
      // An API server that forbids this answers, and that is what was asked.
      if (error instanceof ApiError && error.code !== 401) return;
      if (error instanceof Unreachable || this.#cancelled.aborted) throw error;
      const server = serverOf(await this.#kubeconfig());
      throw new Unreachable(
        `unable to load schema information from the API server: ${server}: ${messageOf(error)}`,
      );
    }
  }

  async #discover(apiVersion: string): Promise<Map<string, ResourceKind>> {
    const text = await this.request("GET", root(apiVersion)).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 404) return "{}";
      this.#kinds.delete(apiVersion);
      throw error;
    });
    // Subresources, such as `deployments/scale`, have kinds too.
    const resources = listAt(parse(text), "resources").filter((item) => !textAt(item, "name").includes("/"));
    return new Map(
      resources.map((item) => [
        textAt(item, "kind"),
        { plural: textAt(item, "name"), namespaced: isRecord(item) && item.namespaced === true },
      ]),
    );
  }

  #kubeconfig(): Promise<KubeConfig> {
    this.#config ??= loadKubeconfig(this.#settings);
    return this.#config;
  }

  async #connect(): Promise<Connection> {
    const config = await this.#kubeconfig();
    if (config.getCurrentCluster() === null)
      throw new Unreachable(`the kubeconfig's context "${config.currentContext}" names no cluster in it`);
    return config.makeApiClient(Connection);
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function parse(text: string): Properties {
  const value: unknown = JSON.parse(text);
  return isRecord(value) ? value : {};
}

/** `fetch` says "fetch failed", and its cause says why. */
function networkError(error: unknown): Error {
  if (error instanceof DOMException && error.name === "TimeoutError") return new Error("no answer in time");
  const { cause } = error as { cause?: unknown };
  const reasons = cause instanceof AggregateError ? cause.errors : [cause ?? error];
  return new Error(messageOf(reasons[0]));
}

function apiError(code: number, text: string): ApiError {
  try {
    const status = parse(text);
    return new ApiError(
      numberAt(status, "code") ?? code,
      textAt(status, "reason"),
      textAt(status, "message") || text,
    );
  } catch {
    return new ApiError(code, "", `HTTP status ${code}: ${text.slice(0, 200).trim()}`);
  }
}
