import { AuthorizationServer } from "../gateway/credentials/authorization-server.ts";
import type { ClientCredentials } from "./credentials.ts";

/**
 * A token, fresh from the authorization server.
 *
 * @throws OAuthRefusal with a reason that quotes nothing from outside.
 */
export async function fetchToken({ scopes, resource, ...client }: ClientCredentials): Promise<string> {
  const { accessToken } = await new AuthorizationServer(client).clientCredentials({ scopes, resource });
  return accessToken;
}
