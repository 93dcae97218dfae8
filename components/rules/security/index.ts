import type { Rule } from "../rule.ts";
import { consumersToldApart } from "./consumers-told-apart.ts";
import { gatewayAuthentication } from "./gateway-authentication.ts";
import { knownCatalogue } from "./known-catalogue.ts";
import { knownSecrets } from "./known-secrets.ts";
import { noWildcardAccess } from "./no-wildcard-access.ts";
import { perUserAuthorization } from "./per-user-authorization.ts";
import { pinnedArtifacts } from "./pinned-artifacts.ts";
import { secretsByReference } from "./secrets-by-reference.ts";
import { tokenAudience } from "./token-audience.ts";
import { tokenExchange } from "./token-exchange.ts";

/** Who may do what, and what must not leak. */
export const security: readonly Rule[] = [
  gatewayAuthentication,
  consumersToldApart,
  tokenAudience,
  tokenExchange,
  perUserAuthorization,
  secretsByReference,
  knownSecrets,
  knownCatalogue,
  pinnedArtifacts,
  noWildcardAccess,
];
