import type {
  ApiConstructor,
  ApisApi,
  AppsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  DiscoveryV1Api,
  KubeConfig,
  NetworkingV1Api,
  StorageV1Api,
  VersionApi,
} from "@kubernetes/client-node";

/** The parts of a cluster's API that are asked here. */
export interface ClusterApi {
  core: CoreV1Api;
  apps: AppsV1Api;
  authentication: AuthenticationV1Api;
  authorization: AuthorizationV1Api;
  discovery: DiscoveryV1Api;
  networking: NetworkingV1Api;
  storage: StorageV1Api;
  version: VersionApi;
  custom: CustomObjectsApi;
  groups: ApisApi;
}

/**
 * Asks a cluster, all of it within one deadline. The client's own `makeApiClient` knows no deadline, opens a connection
 * for every request, and starts a credential plugin for each of several at the same time.
 */
export async function withApi<T>(
  kubeConfig: KubeConfig,
  deadlineMs: number,
  use: (api: ClusterApi) => Promise<T>,
): Promise<T> {
  const client = await import("@kubernetes/client-node");
  const signal = AbortSignal.timeout(deadlineMs);
  const access = new client.RequestContext(
    kubeConfig.getCurrentCluster()?.server ?? "",
    client.HttpMethod.GET,
  );
  const opened = orAborted(kubeConfig.applySecurityAuthentication(access), signal);
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(kubeConfig.getCurrentCluster()?.server ?? "", {}),
    authMethods: {
      default: {
        getName: () => "kubeconfig",
        applySecurityAuthentication: async (context) => {
          await opened;
          for (const [name, value] of Object.entries(access.getHeaders()))
            context.setHeaderParam(name, value);
          const dispatcher = access.getDispatcher();
          if (dispatcher) context.setDispatcher(dispatcher);
        },
      },
    },
    promiseMiddleware: [
      {
        pre: async (context) => {
          context.setSignal(signal);
          return context;
        },
        post: async (context) => context,
      },
    ],
  });
  const make = <Api>(type: ApiConstructor<Api & object>) => new type(configuration) as Api;
  try {
    await opened;
    return await use({
      core: make(client.CoreV1Api),
      apps: make(client.AppsV1Api),
      authentication: make(client.AuthenticationV1Api),
      authorization: make(client.AuthorizationV1Api),
      discovery: make(client.DiscoveryV1Api),
      networking: make(client.NetworkingV1Api),
      storage: make(client.StorageV1Api),
      version: make(client.VersionApi),
      custom: make(client.CustomObjectsApi),
      groups: make(client.ApisApi),
    });
  } finally {
    await access.getDispatcher()?.destroy();
  }
}

/** A credential plugin heeds no signal. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
