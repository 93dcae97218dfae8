import type { Rule } from "../rule.ts";
import { audienceOwn } from "./audience-own.ts";
import { catalogueLocked } from "./catalogue-locked.ts";
import { consumersToldApart } from "./consumers-told-apart.ts";
import { destructiveToolsScoped } from "./destructive-tools-scoped.ts";
import { encryptedTransport } from "./encrypted-transport.ts";
import { gatewayAuthentication } from "./gateway-authentication.ts";
import { knownCatalogue } from "./known-catalogue.ts";
import { knownSecrets } from "./known-secrets.ts";
import { narrowEgress } from "./narrow-egress.ts";
import { noWildcardAccess } from "./no-wildcard-access.ts";
import { perUserAuthorization } from "./per-user-authorization.ts";
import { pinnedArtifacts } from "./pinned-artifacts.ts";
import { secretsByReference } from "./secrets-by-reference.ts";
import { secretsInExamples } from "./secrets-in-examples.ts";
import { tokenAudience } from "./token-audience.ts";
import { tokenExchange } from "./token-exchange.ts";
import { tokenForOneServer } from "./token-for-one-server.ts";
import { toolsJustified } from "./tools-justified.ts";

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
  tokenForOneServer,
  audienceOwn,
  destructiveToolsScoped,
  toolsJustified,
  secretsInExamples,
  narrowEgress,
  encryptedTransport,
  catalogueLocked,
];
