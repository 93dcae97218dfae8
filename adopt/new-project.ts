import { createRequire } from "node:module";
import { stringify } from "yaml";
import { properName } from "./names.ts";

/** What this package says of itself, in a checkout as where it is installed. */
const own = createRequire(import.meta.url)("mcp-infra/package.json") as {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

const installed = "node_modules/mcp-infra/dist";
const policies = `--policy-pack ${installed}/policies`;

/** Name of a project, its integration and its scope, from the name of its directory. */
export const projectName = (directory: string): string => properName(directory, "project");

/**
 * The files of a new project by their paths: with them, `npm install` and `pulumi up` give a green stack.
 *
 * @param owner who answers for the integration
 */
export function newProject(name: string, owner: string): Record<string, string> {
  return {
    "package.json": json({
      name,
      private: true,
      type: "module",
      main: "index.ts",
      scripts: { check: "tsc", preview: `pulumi preview ${policies}`, up: `pulumi up ${policies}` },
      dependencies: { "@pulumi/pulumi": own.dependencies["@pulumi/pulumi"], "mcp-infra": own.version },
      devDependencies: {
        "@types/node": own.devDependencies["@types/node"],
        typescript: own.devDependencies.typescript,
      },
    }),
    "Pulumi.yaml": pulumiProject(name),
    "index.ts": program(name, owner),
    "tsconfig.json": json({
      compilerOptions: {
        target: "es2024",
        module: "nodenext",
        types: ["node"],
        strict: true,
        skipLibCheck: true,
        // Node runs the program as it is: types may be stripped, and nothing else.
        erasableSyntaxOnly: true,
        allowImportingTsExtensions: true,
        noEmit: true,
      },
      include: ["*.ts"],
    }),
    ".gitignore": "node_modules/\n.mcp-infra/\n",
    "README.md": readme(name),
  };
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const pulumiProject = (name: string) =>
  stringify({
    name,
    description: "MCP servers behind one gateway",
    runtime: { name: "nodejs", options: { typescript: false } },
    plugins: {
      providers: [{ name: "mcp-infra-local", path: `${installed}/components/targets/local/provider` }],
    },
  });

const program = (name: string, owner: string) => `import * as mcp from "mcp-infra";

const target = mcp.local();

const notes = new mcp.Server("notes", {
  target,
  stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
  env: { MEMORY_FILE_PATH: \`\${mcp.dataDirectory}/notes.jsonl\` },
  storage: true,
  tools: ["create_entities", "search_nodes", "read_graph"],
});

const agent = new mcp.Consumer("agent", {
  identity: { scope: ${JSON.stringify(name)} },
  uses: [
    notes.tool("create_entities"),
    notes.tool("search_nodes"),
    notes.tool("read_graph", { arguments: {}, expect: { contains: "entities" } }),
  ],
});

const gateway = new mcp.Gateway("edge", {
  target,
  servers: [notes],
  consumers: [agent],
  resilience: { timeout: "10s" },
  objectives: { availability: 0.99, p95: "2s" },
});

const smokeTest = new mcp.SmokeTest("smoke", { gateway });
const alerting = new mcp.Alerting("alerts", { gateway, smokeTest });

new mcp.Integration(${JSON.stringify(name)}, {
  requirements: { purpose: "Notes that our agents keep", owner: ${JSON.stringify(owner)} },
  gateway,
  alerting,
  smokeTest,
});

/** URL of the MCP endpoint. */
export const endpoint = gateway.endpoint;
`;

const readme = (name: string) => `# ${name}

MCP servers behind one gateway, declared in [index.ts](index.ts) with mcp-infra.

    npm install
    pulumi stack init dev
    npm run up                                    # ends with the smoke test
    npx mcp-infra clients agent                   # connect a client

\`npx mcp-infra import <file>\` writes the program from the configuration of a client: .mcp.json, claude_desktop_config.json, mcp.json.
`;
