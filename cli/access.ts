import { fetchToken } from "../smoke/index.ts";
import { UserError } from "./project.ts";
import type { DeployedGateway } from "./stack.ts";

/**
 * The tokens to call a gateway with, by the consumer's name: those that it generated, or fresh ones by the smoke test's
 * own clients where others sign them.
 * @throws {UserError} when an authorization server gives none
 */
export async function tokensOf(gateway: DeployedGateway): Promise<Record<string, string>> {
  const fetched = Object.keys(gateway.credentials).map(
    async (consumer) => [consumer, await tokenOf(gateway, consumer)] as const,
  );
  return { ...gateway.tokens, ...Object.fromEntries(await Promise.all(fetched)) };
}

/** The token of one consumer. */
export async function tokenOf(gateway: DeployedGateway, consumer: string): Promise<string> {
  const { tokens, credentials, model } = gateway;
  const credential = credentials[consumer];
  if (credential)
    return fetchToken(credential).catch((error: unknown) => {
      throw new UserError(
        `There is no token of ${consumer} to be had: ${error instanceof Error ? error.message : error}.`,
      );
    });
  const generated = tokens[consumer];
  if (generated !== undefined) return generated;
  const issuers = model.gateway?.auth.issuers.map(({ issuer }) => issuer) ?? [];
  throw new UserError(
    issuers.length > 0
      ? `This gateway takes tokens that ${issuers.join(", ")} has signed; clients sign in there by themselves. Credentials of the smoke test would give one here.`
      : "This gateway asks for no token: auth.mode is none.",
  );
}
