import type { GatewayModel } from "../../model/gateway.ts";
import { programOf, type ServerModel } from "../../model/server.ts";
import type { Rule, Violation } from "../rule.ts";
import { looksSecret, namesSecret } from "../secret-forms.ts";

/** Parameters of a URL that grant access by themselves, beside those that are named like a secret. */
const signedParameters = new Set(["key", "code", "sig", "signature", "auth"]);
const header = /^([\w-]+):\s*(\S.*)$/;

/** What a server's entry says for itself, whether by its name, its value or both. */
const isSecret = (name: string, value: string) => namesSecret(name, value) || looksSecret(value);

/** Whether a URL carries a credential: a password, or a parameter that grants access by itself. */
export function inUrl(url: string): boolean {
  const { username, password, searchParams } = new URL(url);
  const inParameters = [...searchParams].some(
    ([name, value]) => signedParameters.has(name) || isSecret(name, value),
  );
  return username !== "" || password !== "" || inParameters || looksSecret(url);
}

/** Whether an argument is or carries a secret: `--token=x`, `--token x`, `-H "X-Api-Key: x"`, or a key's own form. */
export function inArgument(argument: string, next: string | undefined): boolean {
  const [, flag, given = next] = /^--?([\w-]+)(?:=(.*))?$/s.exec(argument) ?? [];
  const [, name, value] = header.exec(argument) ?? [];
  if (flag !== undefined && given !== undefined && !given.startsWith("-") && namesSecret(flag, given))
    return true;
  return looksSecret(argument) || (name !== undefined && value !== undefined && namesSecret(name, value));
}

function violations(server: ServerModel): Violation[] {
  const at = (property: string, what: string) => ({
    path: `server ${server.name}: ${property}`,
    reason: `${what} (the value is not shown here)`,
  });
  const named = (entries: Record<string, unknown>, prefix: string) =>
    Object.entries(entries)
      .filter(([name, value]) => typeof value === "string" && isSecret(name, value))
      .map(([name]) =>
        at(
          `${prefix}.${name}`,
          "looks like a secret and is given as plain text: it would stand in state, previews and logs",
        ),
      );
  const kind = server.stdio ? "stdio" : "http";
  const args = programOf(server)?.args ?? [];
  const inArguments = args.flatMap((argument, index) =>
    inArgument(argument, args[index + 1])
      ? [
          at(
            `${kind}.args[${index}]`,
            "carries a secret: everybody on the machine can read a process's arguments",
          ),
        ]
      : [],
  );
  const { remote } = server;
  return [
    ...named(server.env, "env"),
    ...named(remote?.headers ?? {}, "remote.headers"),
    ...inArguments,
    ...(remote && inUrl(remote.url) ? [at("remote.url", "carries a credential")] : []),
  ];
}

function ofGateway(gateway: GatewayModel | undefined): Violation[] {
  if (!gateway?.tracing || !inUrl(gateway.tracing.endpoint)) return [];
  return [
    {
      path: `gateway ${gateway.name}: tracing.endpoint`,
      reason: "carries a credential (the value is not shown here)",
    },
  ];
}

/** A secret reaches a server by reference and stands nowhere in plain text. */
export const secretsByReference: Rule = {
  id: "secrets-by-reference",
  concern: "security",
  title: "Secrets are handed over by reference",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation:
    "Put the value into a Secrets component and hand it to env or remote.headers as secrets.ref(key).",
  code: `const vault = new mcp.Secrets("vault", { target, values: { githubToken: config.requireSecret("githubToken") } });
new mcp.Server("github", { env: { GITHUB_TOKEN: vault.ref("githubToken") }, … });`,
  reference: "OWASP MCP Top 10, MCP01 Token Mismanagement & Secret Exposure; CWE-312, CWE-214",
  check: ({ servers, gateway }) => [...servers.flatMap(violations), ...ofGateway(gateway)],
};
