import * as mcp from "../../components/index.ts";

/** Two namespaces, and what can't be in them together; refused before any cluster is asked. */
const image = { reference: `registry.example.com/mcp-infra@sha256:${"0".repeat(64)}` };
const ingress = { className: "nginx", namespace: "ingress-nginx" };
const front = mcp.kubernetes({
  namespace: "front",
  image,
  expose: { host: "mcp.example.com", ingress },
});
const back = mcp.kubernetes({ namespace: "back", image });

const server = (name: string, target: mcp.Target) =>
  new mcp.Server(name, { target, http: { image: image.reference, port: 3001 } });
const notes = server("notes", front);
const far = server("far", back);
server("second", front);
const reader = new mcp.Consumer("reader", { identity: { scope: "r" }, uses: [notes.tool("search")] });
const gateway = (name: string, servers: mcp.Server[]) =>
  new mcp.Gateway(name, { target: front, servers, consumers: [reader], resilience: { timeout: "10s" } });
gateway("first", [notes, far]);
gateway("second", [notes]);
