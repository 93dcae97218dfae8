// The plugin's entry is JavaScript because the language host takes a path without asking Node for types; the
// rest is TypeScript, which Node runs as it is. In the built package tsc turns the suffix below into `.js`.
import "./index.ts";
