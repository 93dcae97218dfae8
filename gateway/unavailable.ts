/** Key in the `_meta` of a list: the servers that it is without, each with the reason. */
export const UNAVAILABLE = "mcp-infra.dev/unavailable";
