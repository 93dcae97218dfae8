import { OAuthRefusal } from "../../gateway/credentials/oauth-refusal.ts";
import type { ClientCredentials } from "../credentials.ts";
import { fetchToken } from "../fetch-token.ts";
import type { Trial } from "../trial.ts";
import { type Check, failed, passed } from "./check.ts";

/** Each consumer gets its token from the authorization server, as its clients do; later checks use it. */
export function tokenChecks(
  { callers }: Trial,
  credentials: Readonly<Record<string, ClientCredentials>>,
): Check[] {
  return callers.flatMap((caller) => {
    const credential = credentials[caller.name];
    if (!credential) return [];
    const run = async () => {
      try {
        caller.token = await fetchToken(credential);
        return passed(`from ${credential.issuer}, for client ${credential.clientId}`);
      } catch (error) {
        if (error instanceof OAuthRefusal) return failed(error.message);
        throw error;
      }
    };
    return [{ subject: caller.subject, check: "gets a token", run }];
  });
}
