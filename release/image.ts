const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/**
 * Whether the registry of an image says that it has it no more. One that can't be asked from here, such as a private one or
 * a cluster's own, says nothing.
 */
export async function isImageGone(reference: string): Promise<boolean> {
  const url = manifestUrl(reference);
  const ask = (authorization?: string) =>
    fetch(url, {
      method: "HEAD",
      headers: { accept, ...(authorization && { authorization }) },
      signal: AbortSignal.timeout(10_000),
    });
  try {
    const answer = await ask();
    if (answer.status !== 401) return answer.status === 404;
    const token = await anonymousToken(answer.headers.get("www-authenticate") ?? "");
    return token !== undefined && (await ask(`Bearer ${token}`)).status === 404;
  } catch {
    return false;
  }
}

/** Where a registry has the manifest of `host/name@sha256:…`; without a host it is Docker's own. */
export function manifestUrl(reference: string): string {
  const [named = "", digest = ""] = reference.split("@");
  const [first = "", ...rest] = named.split("/");
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const host = hasHost ? first : "registry-1.docker.io";
  const repository = hasHost ? rest.join("/") : rest.length > 0 ? named : `library/${named}`;
  // A tag beside the digest says nothing more.
  const name = repository.replace(/:[^/]*$/, "");
  const scheme = /^(?:localhost|127\.0\.0\.1)(?::|$)/.test(host) ? "http" : "https";
  return `${scheme}://${host}/v2/${name}/manifests/${digest}`;
}

/** What public images are read with, from the place that the registry's challenge names. */
async function anonymousToken(challenge: string): Promise<string | undefined> {
  const parameters = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  const { realm, service, scope } = parameters;
  if (!realm || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  if (service) url.searchParams.set("service", service);
  if (scope) url.searchParams.set("scope", scope);
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) return undefined;
  const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
  return token ?? access_token;
}
