import { CODE, type JsonObject, RpcError } from "../protocol/messages.ts";

/** One caller has no proof for a server, which is that caller's affair: the server is none the worse for it. */
export class CredentialError extends RpcError {
  constructor(message: string, { code = CODE.http, data }: { code?: number; data?: JsonObject } = {}) {
    super(code, message, data);
  }

  /** The same for logs. */
  get reason(): string {
    return this.message;
  }
}
