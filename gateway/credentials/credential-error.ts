import { RpcError } from "../protocol/messages.ts";

/** One caller has no proof for a server, which is that caller's affair: the server is none the worse for it. */
export class CredentialError extends RpcError {}
