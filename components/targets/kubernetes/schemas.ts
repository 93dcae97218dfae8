import { z } from "zod";
import { quote } from "../../../smoke/redact.ts";
import { quantity } from "./preflight/quantity.ts";

/** Says which value is wrong: a namespace or an amount is no secret, and may be one of many in a list. */
const naming =
  (what: string) =>
  ({ input }: { input?: unknown }) =>
    `${quote(String(input), 80)} ${what}`;

/** A name as namespaces have it. */
export const labelSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: naming("is no RFC 1123 label: a-z, 0-9 and -, at most 63 characters"),
});

export const hostSchema = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/, {
    error: naming("is no host name"),
  });

export const pinnedImageSchema = z.string().regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, {
  error: naming('has to be an image by digest: "registry.example.com/mcp-infra@sha256:…"'),
});

const amountSchema = (least: number, what: string) =>
  z.string().refine((text) => (quantity(text) ?? 0) >= least, { error: naming(what) });

/** An amount of processor: of a whole namespace, so more than the least of a server. */
export const processorSchema = amountSchema(0.001, 'is no amount of processor; write "500m" or "16"');

/** An amount of memory or of storage. */
export const bytesSchema = amountSchema(1, 'is no amount of bytes; write "512Mi" or "32Gi"');
