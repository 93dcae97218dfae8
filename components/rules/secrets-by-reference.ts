import { programOf, type ServerModel } from "../model/server.ts";
import type { Rule, Violation } from "./rule.ts";

const secretName =
  /(^|[_-])(token|secret|password|passwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie)$/i;
const secretFlag = /^--?(?:[a-z-]+-)?(token|secret|password|api-?key|access-?key|private-?key)(?:=(.+))?$/i;
const secretValue = new RegExp(
  [
    "\\bgh[pousr]_[A-Za-z0-9]{20,}", // GitHub
    "\\bgithub_pat_[A-Za-z0-9_]{20,}",
    "\\bglpat-[A-Za-z0-9_-]{20,}", // GitLab
    "\\bsk-[A-Za-z0-9_-]{20,}", // OpenAI, Anthropic
    "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b", // AWS
    "\\bxox[abprs]-[A-Za-z0-9-]{10,}", // Slack
    "\\bAIza[A-Za-z0-9_-]{35}", // Google
    "\\beyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.", // JWT
    "-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "^Bearer .+",
  ].join("|"),
);
const userInfo = /^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i;

function inUrl(url: string): boolean {
  const { username, password, searchParams } = new URL(url);
  return username !== "" || password !== "" || [...searchParams.keys()].some((key) => secretName.test(key));
}

/** Whether text looks like a secret: a known form of key, or a URL with a password. */
function looksSecret(text: string): boolean {
  return secretValue.test(text) || userInfo.test(text);
}

function violations(server: ServerModel): Violation[] {
  const at = (property: string, what: string) => ({
    path: `server ${server.name}: ${property}`,
    reason: `${what} (the value is not shown here)`,
  });
  const named = (entries: [string, unknown][], prefix: string) =>
    entries
      .filter(
        ([name, value]) =>
          typeof value === "string" && value !== "" && (secretName.test(name) || looksSecret(value)),
      )
      .map(([name]) =>
        at(
          `${prefix}.${name}`,
          "looks like a secret and is given as plain text: it would stand in state, previews and logs",
        ),
      );
  const kind = server.stdio ? "stdio" : "http";
  const args = programOf(server)?.args ?? [];
  const inArguments = args.flatMap((argument, index) => {
    const flag = secretFlag.exec(argument);
    const given = flag && (flag[2] ?? args[index + 1]);
    return looksSecret(argument) || given
      ? [
          at(
            `${kind}.args[${index}]`,
            "carries a secret: everybody on the machine can read a process's arguments",
          ),
        ]
      : [];
  });
  const remote = server.remote;
  return [
    ...named(Object.entries(server.env), "env"),
    ...named(Object.entries(remote?.headers ?? {}), "remote.headers"),
    ...inArguments,
    ...(remote && inUrl(remote.url) ? [at("remote.url", "carries a credential")] : []),
  ];
}

/** A secret reaches a server by reference and stands nowhere in plain text. */
export const secretsByReference: Rule = {
  id: "secrets-by-reference",
  title: "Secrets are handed over by reference",
  severity: "error",
  enforcedBy: "component",
  needs: "server",
  remediation:
    "Put the value into a Secrets component and hand it to env or remote.headers as secrets.ref(key).",
  reference: "OWASP MCP Top 10, MCP01 Token Mismanagement & Secret Exposure; CWE-312, CWE-214",
  check: ({ servers }) => servers.flatMap(violations),
};
