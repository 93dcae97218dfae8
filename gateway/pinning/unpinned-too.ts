/**
 * Key in the `_meta` of a list request: also list what the pinned catalogue hides. Who is about to agree on something new
 * has to see it; calls to it stay refused.
 */
export const UNPINNED_TOO = "mcp-infra.dev/unpinned-too";
