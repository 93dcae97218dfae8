/**
 * Key in the `_meta` of a list request: also list what the pinned catalogue hides. Who is about to agree on something new
 * has to see it; calls to it stay refused. Whoever asks sees the tools that are granted to it, and no others: pins protect
 * callers from servers, and this caller says that it knows what it is about to read.
 */
export const UNPINNED_TOO = "mcp-infra.dev/unpinned-too";
