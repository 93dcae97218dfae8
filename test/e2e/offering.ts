import * as pulumi from "@pulumi/pulumi";
import * as mcp from "../../components/index.ts";

/** The program of a team that runs servers and offers them to others. */
const config = new pulumi.Config();
const cluster = config.getObject<mcp.KubernetesArgs>("kubernetes");
const target = cluster ? mcp.kubernetes(cluster) : mcp.local();
const secrets = new mcp.Secrets("vault", { target, generate: ["made"] });

const notes = new mcp.Server("notes", {
  target,
  stdio: { package: "npm:@modelcontextprotocol/server-memory@2026.8.31" },
  env: {
    MEMORY_FILE_PATH: `${mcp.dataDirectory}/notes.jsonl`,
    RELEASE: config.get("release") ?? "1",
    KEY_FILE: secrets.file("made"),
  },
  storage: true,
  timeout: "10s",
  tools: ["search_nodes", "read_graph"],
});

export const offers = config.getBoolean("offers") === false ? undefined : mcp.offer(notes);
