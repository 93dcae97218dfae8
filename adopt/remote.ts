import { inUrl } from "../components/rules/security/secrets-by-reference.ts";
import type { RefersToSecret } from "./arguments.ts";
import type { FoundRemote } from "./found.ts";

/** A remote server whose URL holds no credential, and the credentials that were in it. */
export interface CleanRemote {
  remote: FoundRemote;
  /** Parameters of the URL that grant access, by name; no header is known that takes their place. */
  parameters: Record<string, string>;
}

/**
 * Takes credentials out of a URL: it stands in state, previews and logs. What is user and password there is a header
 * already (RFC 7617). `undefined` when what is left still looks like a credential, or is no URL.
 */
export function withoutCredentials(
  { url, headers }: FoundRemote,
  refersToSecret: RefersToSecret,
): CleanRemote | undefined {
  const [, scheme = "", user, rest = ""] = /^(https?:\/\/)(?:([^/?#@]+)@)?(.*)$/i.exec(url) ?? [];
  const [place = "", query = ""] = rest.replace(/#.*$/, "").split(/\?(.*)/s);
  const parameters: Record<string, string> = {};
  const kept = query.split("&").filter((pair) => {
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    const grants =
      refersToSecret(value) ||
      inUrl(`https://localhost/?${name}=${value.replace(/\$\{[^}]*\}/g, "anything")}`);
    if (!grants) return pair !== "";
    parameters[name] = value.startsWith("${") ? value : decoded(value);
    return false;
  });
  const clean = `${scheme}${place}${kept.length > 0 ? `?${kept.join("&")}` : ""}`;
  const checked = clean.replace(/\$\{[^}]*\}/g, "x");
  if (!URL.canParse(checked) || inUrl(checked) || refersToSecret(clean) || user?.includes("${"))
    return undefined;
  const basic = user && `Basic ${Buffer.from(decoded(user)).toString("base64")}`;
  return {
    remote: { url: clean, headers: { ...(basic && { Authorization: basic }), ...headers } },
    parameters,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
