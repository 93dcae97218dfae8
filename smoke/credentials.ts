import type { IntegrationModel } from "../components/model/integration.ts";

/** How the smoke test comes by a consumer's token: an OAuth client at an issuer that the gateway trusts. */
export interface ClientCredentials {
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string[];
  /** Whom the token is for (RFC 8707); empty where the authorization server has to know. */
  resource: string;
}

/**
 * The credentials as declared, by the consumer's name, with what is not said: a token has the consumer's scope, and is for
 * the gateway as its issuer calls it.
 *
 * @param endpoint the gateway's, for clients
 * @param secrets the clients' secrets, by the consumer's name
 */
export function credentialsOf(
  { gateway, consumers, smokeTest }: Pick<IntegrationModel, "gateway" | "consumers" | "smokeTest">,
  endpoint: string,
  secrets: Readonly<Record<string, string>>,
): Record<string, ClientCredentials> {
  const declared = Object.entries(smokeTest?.credentials ?? {}).map(([name, { clientCredentials }]) => {
    const { issuer, clientId, scopes, resource } = clientCredentials;
    const own = consumers.find((consumer) => consumer.name === name)?.identity.scope;
    const { audience } = gateway?.auth.issuers.find((each) => each.issuer === issuer) ?? {};
    const wanted = resource ?? audience ?? gateway?.publicUrl ?? endpoint;
    const credentials = {
      issuer,
      clientId,
      clientSecret: secrets[name] ?? "",
      scopes: scopes ?? (own ? [own] : []),
      // An audience that is no URI can't be asked for.
      resource: URL.canParse(wanted) ? wanted : "",
    };
    return [name, credentials] as const;
  });
  return Object.fromEntries(declared);
}
