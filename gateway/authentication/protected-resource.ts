import type { GatewayConfig } from "../config.ts";
import type { Page } from "../http/listener.ts";

const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** What clients are told of the gateway as something that tokens are for (RFC 9728). */
export interface ProtectedResource {
  /** Paths that the metadata is served at. */
  paths: readonly string[];
  /** Its URL, as challenges name it. */
  metadataUrl(): string;
  /** The metadata itself. */
  metadata(): Record<string, unknown>;
}

/**
 * The gateway as a protected resource. Its name is the declared one, never one that a request brings along: whoever could
 * choose it would choose whom tokens are sent to.
 *
 * @param port the port that it listens on, once it does.
 */
export function protectedResource(config: GatewayConfig, port: () => number): ProtectedResource {
  const { host } = config.listen;
  const authority = () => `${host.includes(":") ? `[${host}]` : host}:${port()}`;
  const resource = () => config.publicUrl ?? `http://${authority()}${config.path}`;
  const publicPath = config.publicUrl === undefined ? config.path : pathOf(config.publicUrl);
  const scopes = scopesOf(config.consumers);
  return {
    paths: [...new Set([WELL_KNOWN, WELL_KNOWN + config.path, WELL_KNOWN + publicPath])],
    // RFC 9728, section 3.1: the well-known part stands between host and path.
    metadataUrl: () => new URL(WELL_KNOWN + publicPath, resource()).href,
    metadata: () => ({
      resource: resource(),
      resource_name: config.name,
      authorization_servers: [...new Set(config.issuers.map(({ issuer }) => issuer))],
      ...(scopes.length > 0 && { scopes_supported: scopes }),
      bearer_methods_supported: ["header"],
    }),
  };
}

/** Every scope that makes a token a consumer's, once. */
export function scopesOf(consumers: readonly { scope?: string | undefined }[]): string[] {
  return [...new Set(consumers.flatMap(({ scope }) => scope ?? []))];
}

function pathOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, "");
}

/** The pages that say so. */
export function metadataPages({ paths, metadata }: ProtectedResource): Record<string, Page> {
  const page: Page = async () => ({
    status: 200,
    type: "application/json",
    body: JSON.stringify(metadata()),
  });
  return Object.fromEntries(paths.map((path) => [path, page]));
}
