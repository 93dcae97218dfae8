#!/usr/bin/env node
// Runs from a checkout (TypeScript, as it is) and from the package (built): both have this file beside main.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`mcp-infra needs Node 22.18 or newer; this is ${process.version}.\n`);
  process.exit(1);
}
await import("./main.ts");
