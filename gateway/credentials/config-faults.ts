import { accessSync, constants, mkdirSync } from "node:fs";
import { isLoopback } from "../../components/model/hosts.ts";
import type { GatewayConfig } from "../config.ts";

/** A key that a person makes up is guessed; 32 random bytes as Base64 have 44 characters. */
const MIN_KEY_LENGTH = 32;

/** What is wrong with how the gateway is to prove itself to servers, each with what to do. */
export function* credentialFaults(config: GatewayConfig, env: NodeJS.ProcessEnv): Generator<string> {
  for (const [index, { credentials }] of config.servers.entries()) {
    if (!credentials) continue;
    const at = `servers[${index}].credentials`;
    const { kind, clientSecretEnv } = credentials;
    if (clientSecretEnv) yield* missing(`${at}.clientSecretEnv`, clientSecretEnv, env);
    if (kind !== "per_user") continue;
    if (!config.userTokens) {
      yield `${at}: keeps people's tokens, and userTokens does not say where; name a directory and the variable with the key`;
    }
    yield* unprovenPeople(config, at);
  }
  if (config.login?.clientSecretEnv)
    yield* missing("login.clientSecretEnv", config.login.clientSecretEnv, env);
  if (config.userTokens) yield* unusableStore(config.userTokens, env);
}

/** Who opens a link to connect must be known to be the one whom it was made for. */
function* unprovenPeople({ auth, login, listen }: GatewayConfig, at: string): Generator<string> {
  if (auth === "jwt") {
    if (!login)
      yield `${at}: asks people for consent, and without login nobody knows who sits at the browser; set login`;
    return;
  }
  if (isLoopback(listen.host)) return;
  yield `${at}: asks people for consent, and with auth "${auth}" nobody knows who sits at the browser; set auth to "jwt" with login, or listen on 127.0.0.1 alone`;
}

function* unusableStore(
  { directory, keyEnv }: NonNullable<GatewayConfig["userTokens"]>,
  env: NodeJS.ProcessEnv,
): Generator<string> {
  const key = env[keyEnv];
  if (!key) yield* missing("userTokens.keyEnv", keyEnv, env);
  else if (key.length < MIN_KEY_LENGTH) {
    yield `userTokens.keyEnv: the key in ${keyEnv} has less than ${MIN_KEY_LENGTH} characters; make one with: openssl rand -base64 32`;
  }
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = "unusable" } = error as NodeJS.ErrnoException;
    yield `userTokens.directory: ${directory} can't be written to (${code}); name a directory of the gateway's own`;
  }
}

function* missing(at: string, variable: string, env: NodeJS.ProcessEnv): Generator<string> {
  if (!env[variable]) yield `${at}: the environment variable ${variable} is not set`;
}
