import { z } from "zod";

/**
 * Name of a server, consumer, gateway or secret store: lower-case letters, digits and single hyphens, at most
 * 40 characters. It becomes a file name, a DNS label (RFC 1123) and the prefix of tool names; without an
 * underscore, `server__tool` splits one way only.
 */
export const nameSchema = z
  .string()
  .regex(/^[a-z](?:-?[a-z0-9])*$/, "use lower-case letters, digits and single hyphens, a letter first")
  .max(40, "use at most 40 characters");

/** The name under which a gateway shows a server's tool or prompt. */
export function exposedName(server: string, name: string): string {
  return `${server}__${name}`;
}

/** A tool, prompt or environment variable has to be named by something. */
export const nonEmptySchema = z.string().min(1, "must not be empty");
