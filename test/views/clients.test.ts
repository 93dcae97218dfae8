import { execaSync } from "execa";
import { describe, expect, it } from "vitest";
import {
  type ClientKind,
  clientConfiguration,
  clientKinds,
  tokenVariable,
} from "../../components/views/clients.ts";

const connection = {
  name: "edge",
  endpoint: "http://127.0.0.1:7400/mcp",
  consumer: "support-agent",
} as const;

const url = connection.endpoint;

describe("configuration to paste", () => {
  it.each<[ClientKind, string, object]>([
    [
      "claude-code",
      ".mcp.json",
      {
        mcpServers: {
          edge: { type: "http", url, headers: { Authorization: `Bearer \${MCP_EDGE_SUPPORT_AGENT_TOKEN}` } },
        },
      },
    ],
    [
      "cursor",
      ".cursor/mcp.json",
      {
        mcpServers: {
          edge: { url, headers: { Authorization: `Bearer \${env:MCP_EDGE_SUPPORT_AGENT_TOKEN}` } },
        },
      },
    ],
    [
      "vscode",
      ".vscode/mcp.json",
      {
        inputs: [
          {
            type: "promptString",
            id: "edge-support-agent-token",
            description: "Token of support-agent for edge",
            password: true,
          },
        ],
        servers: {
          edge: {
            type: "http",
            url,
            headers: { Authorization: `Bearer \${input:edge-support-agent-token}` },
          },
        },
      },
    ],
  ])("%s reads %s", (client, file, expected) => {
    const configuration = clientConfiguration(client, connection);
    expect(configuration.file).toBe(file);
    expect(JSON.parse(configuration.content)).toEqual(expected);
  });

  it.each(clientKinds)("%s: says where it goes and how to get the token", (client) => {
    const { file, how } = clientConfiguration(client, connection);
    expect(how).toContain(file);
    expect(how).toContain("npx --no mcp-infra token support-agent");
    const elsewhere = clientConfiguration(client, { ...connection, printToken: "cat token" });
    expect(elsewhere.how).toContain("cat token");
  });

  it.each(clientKinds)("%s: a gateway without authentication gets no header and no prompt", (client) => {
    const { content, how } = clientConfiguration(client, { ...connection, auth: "none" });
    expect(content).not.toMatch(/headers|Authorization|inputs|TOKEN/);
    expect(content).toContain(url);
    expect(how).not.toContain("mcp-infra token");
  });

  it.each(clientKinds)("%s: where tokens are signed, the client signs in by itself", (client) => {
    const { content, how } = clientConfiguration(client, { ...connection, auth: "jwt" });
    expect(content).not.toMatch(/headers|Authorization|inputs|TOKEN/);
    expect(how).toMatch(/sign in when it first connects/);
    expect(how).not.toContain("mcp-infra token");
  });

  it.each(clientKinds)("%s: whatever stands in a name stays a JSON string", (client) => {
    const name = 'x": {}, "y';
    const { content } = clientConfiguration(client, { ...connection, name });
    const parsed: Record<string, object> = JSON.parse(content);
    expect(Object.keys(parsed[client === "vscode" ? "servers" : "mcpServers"] ?? {})).toEqual([name]);
  });
});

describe("the environment variable of a token", () => {
  it.each([
    ["edge", "support-agent", "MCP_EDGE_SUPPORT_AGENT_TOKEN"],
    ["e2", "a-1", "MCP_E2_A_1_TOKEN"],
    ["a b$(id)", "c;d", "MCP_A_B_ID_C_D_TOKEN"],
  ])("of gateway %s and consumer %s is %s, which a shell takes", (name, consumer, expected) => {
    const variable = tokenVariable({ name, consumer });
    expect(variable).toBe(expected);
    expect(execaSync("sh", ["-c", `export ${variable}=works; printenv ${variable}`]).stdout).toBe("works");
  });
});
