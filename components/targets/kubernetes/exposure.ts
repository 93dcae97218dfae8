import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { IntegrationModel } from "../../model/index.ts";
import { mcpPath } from "../gateway-config.ts";
import type { KubernetesSettings } from "./args.ts";
import { labels } from "./labels.ts";
import type { Make } from "./make.ts";
import type { Manifest } from "./manifest.ts";

/** A gateway to expose: its Service has its name. */
export interface ExposureRequest {
  name: string;
  /** Port of its Service. */
  port: number;
  model: Pick<IntegrationModel, "gateway" | "servers">;
  settings: KubernetesSettings;
}

/** What makes a gateway's endpoint reachable from outside the cluster. */
export interface Exposure {
  route?: Manifest;
  ingress?: k8s.networking.v1.IngressArgs;
  certificate?: Manifest;
  /** Lets the Gateway of another namespace read the certificate's secret. */
  grant?: Manifest;
}

/** A path that is shown outside, alone or with all below it. */
interface ShownPath {
  path: string;
  below?: true;
}

/** What is shown outside; metrics, health and status are for the cluster. */
function shownPaths({ gateway, servers }: ExposureRequest["model"]): ShownPath[] {
  const consents = servers.some(({ remote }) => remote?.auth?.perUser);
  return [
    { path: mcpPath },
    // Where clients learn whose tokens are taken (RFC 9728), and where people consent to what is done in their name.
    ...(gateway?.auth.mode === "jwt"
      ? [{ path: "/.well-known/oauth-protected-resource", below: true as const }]
      : []),
    ...(consents ? ["/connect", "/oauth/callback"].map((path) => ({ path, below: true as const })) : []),
  ];
}

/** What ingress-nginx would otherwise do to a stream: collect it before it passes it on, and cut it after a minute. */
const forStreams = {
  "nginx.ingress.kubernetes.io/proxy-buffering": "off",
  "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
  "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
  "nginx.ingress.kubernetes.io/proxy-body-size": "4m",
};

/** Makes what `expose` of the target declares. */
export function exposeGateway(
  make: Make,
  request: ExposureRequest,
  options: pulumi.CustomResourceOptions,
): void {
  const { name } = request;
  const { route, ingress, certificate, grant } = exposureOf(request);
  if (certificate) make(k8s.apiextensions.CustomResource, `${name}-certificate`, certificate, options);
  if (grant) make(k8s.apiextensions.CustomResource, `${name}-certificate-grant`, grant, options);
  if (route) make(k8s.apiextensions.CustomResource, `${name}-route`, route, options);
  if (ingress) make(k8s.networking.v1.Ingress, `${name}-ingress`, ingress, options);
}

/** The namespaces whose pods pass calls on from outside: the Gateway's, or the ingress controller's. */
export function exposureSources({ expose }: Pick<KubernetesSettings, "expose">): string[] {
  const { gatewayApi, ingress } = expose ?? {};
  const namespace = gatewayApi?.dataPlane ?? gatewayApi?.namespace ?? ingress?.namespace;
  return namespace ? [namespace] : [];
}

/**
 * The resources that expose a gateway. Pure.
 *
 * TLS of an Ingress is its own: the certificate's secret, or without one the controller's default. TLS of the Gateway
 * API is the listener's, which belongs to whoever owns the Gateway. A certificate is made beside the gateway all the
 * same, and a `ReferenceGrant` lets the Gateway's namespace read its secret; the listener then names it in
 * `tls.certificateRefs` as `<gateway>-tls` of this namespace.
 */
export function exposureOf({ name, port, model, settings }: ExposureRequest): Exposure {
  const { expose, namespace } = settings;
  if (!expose) return {};
  const metadata = { name, namespace, labels: labels("gateway", name) };
  const { host, gatewayApi, ingress, certificate } = expose;
  const secretName = certificateSecret(name);
  const paths = shownPaths(model);
  return {
    ...(certificate && {
      certificate: {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        // An issuer that refuses shows here, with its reason, rather than as callers that can't connect.
        metadata: {
          ...metadata,
          annotations: { "pulumi.com/waitFor": "condition=Ready", "pulumi.com/timeoutSeconds": "300" },
        },
        spec: {
          secretName,
          dnsNames: [host],
          issuerRef: { group: "cert-manager.io", kind: certificate.kind, name: certificate.issuer },
          // A key that got out is of no use after the next renewal.
          privateKey: { rotationPolicy: "Always" },
        },
      },
    }),
    ...(gatewayApi && { route: routeOf(metadata, { port, host, paths, gatewayApi }) }),
    ...(gatewayApi &&
      certificate && { grant: grantOf({ ...metadata, name: secretName }, gatewayApi.namespace) }),
    ...(ingress && {
      ingress: {
        metadata: { ...metadata, annotations: ingress.annotations ?? forStreams },
        spec: {
          ingressClassName: ingress.className,
          tls: [{ hosts: [host], ...(certificate && { secretName }) }],
          rules: [
            {
              host,
              http: {
                paths: paths.map(({ path, below }) => ({
                  path,
                  pathType: below ? "Prefix" : "Exact",
                  backend: { service: { name, port: { number: port } } },
                })),
              },
            },
          ],
        },
      },
    }),
  };
}

/** Name of the Secret in which cert-manager keeps the certificate of a gateway. */
function certificateSecret(gateway: string): string {
  return `${gateway}-tls`;
}

type Metadata = Manifest["metadata"];
type Expose = NonNullable<KubernetesSettings["expose"]>;

function routeOf(
  metadata: Metadata,
  route: {
    port: number;
    host: string;
    paths: ShownPath[];
    gatewayApi: NonNullable<Expose["gatewayApi"]>;
  },
): Manifest {
  const { port, host, paths, gatewayApi } = route;
  const { gateway, namespace, sectionName } = gatewayApi;
  // Without a listener's name: those of HTTPS alone. On a listener without TLS beside them, tokens would go in the clear.
  const listener = sectionName ? { sectionName } : { port: 443 };
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata,
    spec: {
      // Group and kind are the API server's defaults, said so that no field of ours differs from what it keeps.
      parentRefs: [
        { group: "gateway.networking.k8s.io", kind: "Gateway", name: gateway, namespace, ...listener },
      ],
      hostnames: [host],
      rules: [
        {
          matches: paths.map(({ path, below }) => ({
            path: { type: below ? "PathPrefix" : "Exact", value: path },
          })),
          backendRefs: [{ group: "", kind: "Service", name: metadata.name, port, weight: 1 }],
          // None: a stream lives as long as both sides like, and each call has its own deadline in the gateway.
          timeouts: { request: "0s" },
        },
      ],
    },
  };
}

function grantOf(metadata: Metadata, gatewayNamespace: string): Manifest {
  return {
    apiVersion: "gateway.networking.k8s.io/v1beta1",
    kind: "ReferenceGrant",
    metadata,
    spec: {
      from: [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: gatewayNamespace }],
      to: [{ group: "", kind: "Secret", name: metadata.name }],
    },
  };
}
