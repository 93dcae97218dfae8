import { readFileSync } from "node:fs";
import { faultsOf } from "../components/model/faults.ts";
import { type GatewayConfig, gatewayConfigSchema } from "./config.ts";
import { credentialFaults } from "./credentials/config-faults.ts";

/** A configuration that can't be used: every fault at once, each with its property and what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/**
 * Reads and checks the gateway's configuration file.
 *
 * @param env where the variables stand that `headersFromEnv` names.
 * @throws ConfigError with every fault in it.
 */
export function readConfig(file: string, env: NodeJS.ProcessEnv): GatewayConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw new ConfigError([`${file}: can't be read (${code}); name an existing file with --config`]);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError([`${file}: is not valid JSON; write it anew with \`pulumi up\``]);
  }
  const parsed = gatewayConfigSchema.safeParse(json);
  if (!parsed.success) {
    const faults = faultsOf(gatewayConfigSchema, parsed.error.issues, json);
    throw new ConfigError(faults.map(({ path, reason }) => `${path || "(the whole file)"}: ${reason}`));
  }
  const config = parsed.data;
  const faults = [
    ...contradictions(config),
    ...brokenGroups(config),
    ...missingVariables(config, env),
    ...credentialFaults(config, env),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function* contradictions(config: GatewayConfig): Generator<string> {
  const servers = new Set<string>();
  for (const [index, { name }] of config.servers.entries()) {
    if (servers.has(name))
      yield `servers[${index}].name: "${name}" is there twice; give each server its own name`;
    servers.add(name);
  }
  const seen = new Map<string, string>();
  if (config.auth === "jwt" && config.issuers.length === 0) {
    yield "issuers: is empty, so nobody could call; name who signs the tokens";
  }
  for (const [index, consumer] of config.consumers.entries()) {
    const at = `consumers[${index}]`;
    if (seen.has(`name ${consumer.name}`)) yield `${at}.name: "${consumer.name}" is there twice`;
    seen.set(`name ${consumer.name}`, consumer.name);
    if (config.auth === "tokens" && !consumer.tokenSha256) {
      yield `${at}.tokenSha256: missing, so "${consumer.name}" could never call; give it the SHA-256 of its token`;
    }
    if (config.auth === "jwt" && consumer.scope === undefined && consumer.client === undefined) {
      yield `${at}: has neither scope nor client, so no token could be "${consumer.name}"'s; give it one of them`;
    }
    if (consumer.tokenSha256) {
      const other = seen.get(consumer.tokenSha256);
      if (other) yield `${at}.tokenSha256: "${other}" has the same token; give each consumer its own`;
      seen.set(consumer.tokenSha256, consumer.name);
    }
    for (const kind of ["tools", "prompts", "resources"] as const) {
      for (const [item, { server }] of consumer[kind].entries()) {
        if (servers.has(server)) continue;
        yield `${at}.${kind}[${item}].server: there is no server "${server}"; add it under servers or take the grant away`;
      }
    }
  }
}

/** A call goes once round a group of servers that there are; with a server in two groups it could come back. */
function* brokenGroups({ servers, failover }: GatewayConfig): Generator<string> {
  const groups = new Map<string, string>();
  for (const [index, { primary, standby }] of failover.entries()) {
    const members = [primary, ...standby].map((name, at) => ({
      name,
      at: `failover[${index}].${at === 0 ? "primary" : `standby[${at - 1}]`}`,
    }));
    for (const { name, at } of members) {
      const other = groups.get(name);
      if (!servers.some((server) => server.name === name)) {
        yield `${at}: there is no server "${name}"; add it under servers or take it out of the group`;
      } else if (other !== undefined) {
        yield `${at}: "${name}" is ${other} already; name each server in one group, once`;
      } else groups.set(name, at);
    }
  }
}

function* missingVariables(config: GatewayConfig, env: NodeJS.ProcessEnv): Generator<string> {
  for (const [index, server] of config.servers.entries()) {
    for (const [header, variable] of Object.entries(server.headersFromEnv)) {
      if (env[variable]) continue;
      yield `servers[${index}].headersFromEnv.${header}: the environment variable ${variable} is not set`;
    }
  }
}
