import { hash, timingSafeEqual } from "node:crypto";
import type { Authenticator } from "./authenticator.ts";
import { bearerToken } from "./bearer.ts";

/**
 * Bearer tokens by their SHA-256. Every digest is compared, each in constant time, so that the time of an
 * answer says nothing about any of them.
 */
export function bearerTokens(consumers: readonly { name: string; tokenSha256: string }[]): Authenticator {
  const known = consumers.map(({ name, tokenSha256 }) => ({ name, digest: Buffer.from(tokenSha256, "hex") }));
  return (authorization) => {
    const bearer = bearerToken(authorization);
    if ("failure" in bearer) return bearer;
    const digest = hash("sha256", bearer.token, "buffer");
    let found: string | undefined;
    for (const consumer of known) {
      if (timingSafeEqual(consumer.digest, digest)) found = consumer.name;
    }
    return found === undefined ? { failure: "unknown_token" } : { consumers: [found], subject: found };
  };
}
