// Runs in a pod: calls one tool over and over on connections that it keeps, as agents do, until it is told to stop.
const { ENDPOINT = "", TOKEN, TOOL = "", ARGUMENTS = "{}", EXPECTED = "", WORKERS = "4" } = process.env;
const version = "2026-07-28";
const body = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: {
    name: TOOL,
    arguments: JSON.parse(ARGUMENTS),
    _meta: {
      "io.modelcontextprotocol/protocolVersion": version,
      "io.modelcontextprotocol/clientInfo": { name: "load", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
});
const headers = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  authorization: `Bearer ${TOKEN}`,
  "mcp-protocol-version": version,
  "mcp-method": "tools/call",
  "mcp-name": TOOL,
};

const seen = { calls: 0, worstMs: 0, failed: 0, failures: [] };
/** The first few tell enough. */
const told = 20;
let running = true;
process.on("SIGTERM", () => {
  running = false;
});

async function call() {
  const started = performance.now();
  try {
    const response = await fetch(ENDPOINT, { method: "POST", headers, body });
    const text = await response.text();
    if (!response.ok || !text.includes(EXPECTED))
      throw new Error(`HTTP ${response.status}: ${text.slice(0, 300)}`);
  } catch (error) {
    seen.failed += 1;
    if (seen.failures.length < told)
      seen.failures.push(`${new Date().toISOString()} ${error.cause ?? error.message}`);
  }
  seen.calls += 1;
  seen.worstMs = Math.max(seen.worstMs, Math.round(performance.now() - started));
}

async function worker() {
  while (running) {
    await call();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

await Promise.all(Array.from({ length: Number(WORKERS) }, worker));
console.log(JSON.stringify(seen));
