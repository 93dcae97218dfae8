import type { GatewayModel } from "../model/gateway.ts";

/** The clients that configuration is written for. */
export const clientKinds = ["claude-code", "cursor", "vscode"] as const;

/** One client program. */
export type ClientKind = (typeof clientKinds)[number];

/** What a client's configuration is about: the gateway's endpoint and who calls it. */
export interface ClientConnection {
  /** The gateway's name, under which the client shows it. */
  name: string;
  /** URL of its streamable HTTP endpoint. */
  endpoint: string;
  /** The consumer that the client acts for. */
  consumer: string;
  /** A command that prints the consumer's token, wherever it is run. Default: one for the Pulumi project's directory. */
  printToken?: string;
  /** How the gateway knows its callers; only `tokens` needs a header. Default: `"tokens"`. */
  auth?: GatewayModel["auth"]["mode"];
}

/** Configuration to paste. */
export interface ClientConfiguration {
  /** The file, relative to the project that the client works on. */
  file: string;
  /** The file's text. It never holds the token, so that it may be committed. */
  content: string;
  /** What to do with it, and how the client comes by the token. */
  how: string;
}

/** What differs between clients: their file, its text, and where the token comes from. */
interface Client {
  file: string;
  /** The file's key under which servers stand. */
  key: string;
  configuration(connection: ClientConnection): object;
  token(connection: ClientConnection): string;
}

/** Name of the environment variable that carries a consumer's token for a gateway. */
export function tokenVariable({ name, consumer }: Pick<ClientConnection, "name" | "consumer">): string {
  return `MCP_${name}_${consumer}_TOKEN`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
}

// With --no, npx takes the installed command or none: it never fetches a package of that name.
const printToken = ({ consumer, printToken }: ClientConnection) =>
  printToken ?? `npx --no mcp-infra token ${consumer}`;

const exportLine = (connection: ClientConnection) =>
  `export ${tokenVariable(connection)}="$(${printToken(connection)})"`;

/** Whether the client sends a token that it was given; it signs in by itself where tokens are signed. */
const sendsToken = ({ auth = "tokens" }: ClientConnection) => auth === "tokens";

/** The header with a reference to the token. */
const headers = (connection: ClientConnection, reference: string) =>
  sendsToken(connection) ? { headers: { Authorization: `Bearer ${reference}` } } : {};

/** Claude Code expands `${NAME}` in url and headers of `.mcp.json`. */
const claudeCode: Client = {
  file: ".mcp.json",
  key: "mcpServers",
  configuration: (connection) => ({
    mcpServers: {
      [connection.name]: {
        type: "http",
        url: connection.endpoint,
        ...headers(connection, `\${${tokenVariable(connection)}}`),
      },
    },
  }),
  token: (connection) =>
    `Before you start claude, in the same shell:\n  ${exportLine(connection)}\nThen /mcp in Claude Code shows the connection.`,
};

/** Cursor takes a `url` for streamable HTTP and expands `${env:NAME}` in its headers. */
const cursor: Client = {
  file: ".cursor/mcp.json",
  key: "mcpServers",
  configuration: (connection) => ({
    mcpServers: {
      [connection.name]: {
        url: connection.endpoint,
        ...headers(connection, `\${env:${tokenVariable(connection)}}`),
      },
    },
  }),
  token: (connection) =>
    `Cursor reads its own environment, so start it from the shell that has the token:\n  ${exportLine(connection)}\n  cursor .`,
};

const inputId = ({ name, consumer }: ClientConnection) => `${name}-${consumer}-token`;

/** VS Code asks for the token once and keeps it in its encrypted storage. */
const vscode: Client = {
  file: ".vscode/mcp.json",
  key: "servers",
  configuration: (connection) => ({
    ...(sendsToken(connection) && {
      inputs: [
        {
          type: "promptString",
          id: inputId(connection),
          description: `Token of ${connection.consumer} for ${connection.name}`,
          password: true,
        },
      ],
    }),
    servers: {
      [connection.name]: {
        type: "http",
        url: connection.endpoint,
        ...headers(connection, `\${input:${inputId(connection)}}`),
      },
    },
  }),
  token: (connection) =>
    `VS Code asks for the token when it first connects, and keeps it encrypted. This prints it:\n  ${printToken(connection)}`,
};

const clients: Record<ClientKind, Client> = { "claude-code": claudeCode, cursor, vscode };

/** Ready-to-paste configuration of a client for a gateway's endpoint; the token is referred to, never in it. */
export function clientConfiguration(client: ClientKind, connection: ClientConnection): ClientConfiguration {
  const { file, key, configuration, token } = clients[client];
  const place = `Save it as ${file} in your project; where that file exists, add the entry "${connection.name}" to its "${key}".`;
  return {
    file,
    content: `${JSON.stringify(configuration(connection), undefined, 2)}\n`,
    how: [place, sendsToken(connection) ? token(connection) : withoutToken(connection)].join("\n"),
  };
}

function withoutToken({ auth, consumer }: ClientConnection): string {
  return auth === "jwt"
    ? `The gateway sends the client to an authorization server, where you sign in when it first connects. Its token has to be one of ${consumer}.`
    : "The gateway asks for no token.";
}
