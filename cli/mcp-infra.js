#!/usr/bin/env node
import { existsSync } from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `mcp-infra needs Node 22.18 or newer; this is ${process.version}. In a checkout, \`npm run setup\` brings one.\n`,
  );
  process.exit(1);
}

// A checkout has the TypeScript, which runs as it is; the package has what was built from it.
const sources = new URL("./main.ts", import.meta.url);
const built = new URL("../dist/cli/main.js", import.meta.url);
await import((existsSync(sources) ? sources : built).href);
