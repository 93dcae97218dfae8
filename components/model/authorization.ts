import { z } from "zod";
import { isLoopback } from "./hosts.ts";
import { nonEmptySchema } from "./names.ts";
import { plainSecretReferenceSchema } from "./secret-reference.ts";

/** An https URL, or http on this machine: tokens go there, and keys come from there (RFC 8414, section 2; RFC 8252, section 8.3). */
export const secureUrlSchema = z
  .url({ protocol: /^https?$/, error: "is no http or https URL", abort: true })
  .refine((text) => {
    const { protocol, hostname } = new URL(text);
    return protocol === "https:" || isLoopback(hostname);
  }, "would send tokens in the clear; use https");

const scopeTokenSchema = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "is no OAuth scope (RFC 6749, section 3.3)");

/** Who signs the tokens of callers. */
export const issuerSchema = z.strictObject({
  issuer: secureUrlSchema,
  /** The `aud` that tokens carry for this gateway (RFC 8707). Absent: the gateway's public URL. */
  audience: nonEmptySchema.optional(),
  /** Where its keys are. Absent: what its metadata says (RFC 8414). */
  jwksUri: secureUrlSchema.optional(),
});

const clientSchema = z.strictObject({
  /** The authorization server; its metadata names the endpoints (RFC 8414). */
  issuer: secureUrlSchema,
  clientId: nonEmptySchema,
  clientSecret: plainSecretReferenceSchema,
  scopes: z.array(scopeTokenSchema).default([]),
  /** Whom the token is for (RFC 8707). Absent: the server's URL. */
  resource: z.url().optional(),
});

/** How the smoke test comes by a consumer's token; scopes that are absent are the consumer's own. */
export const smokeCredentialSchema = z.strictObject({
  clientCredentials: clientSchema.extend({ scopes: z.array(scopeTokenSchema).optional() }),
});

/** How the gateway proves itself to a server that runs elsewhere; exactly one. */
export const outboundSchema = z
  .strictObject({
    clientCredentials: clientSchema.optional(),
    tokenExchange: clientSchema.optional(),
    perUser: clientSchema.partial({ clientSecret: true }).optional(),
  })
  .refine(
    (value) => Object.values(value).filter((each) => each !== undefined).length === 1,
    "say how: exactly one of clientCredentials, tokenExchange and perUser",
  );

/** A public URL of a gateway: what tokens are for, and where browsers come back to. */
export const publicUrlSchema = secureUrlSchema;
