import { randomUUID } from "node:crypto";
import { CredentialError } from "./credential-error.ts";

/** JSON-RPC error of 2025-11-25: a person must open a page first. */
const URL_ELICITATION_REQUIRED = -32042;

/**
 * A person has not let the gateway act for them at a server, or not any more, or not far enough. As an error it is what
 * clients of 2025-11-25 expect.
 */
export class AuthorizationNeeded extends CredentialError {
  readonly server: string;
  /** The page that leads to consent; it is for this person alone, so it has no place in logs. */
  readonly url: string;
  /** What to tell the person. */
  readonly invitation: string;
  /** Waits until consent was given; `false` when that has not happened when the signal fires. */
  readonly granted: (signal: AbortSignal) => Promise<boolean>;

  constructor(server: string, url: string, granted: AuthorizationNeeded["granted"]) {
    const invitation = `Server "${server}" can only be asked in your name: let the gateway do so on this page`;
    super(`${invitation}: ${url}`, {
      code: URL_ELICITATION_REQUIRED,
      data: { elicitations: [{ mode: "url", elicitationId: randomUUID(), url, message: invitation }] },
    });
    this.server = server;
    this.url = url;
    this.invitation = invitation;
    this.granted = granted;
  }

  override get reason(): string {
    return `Server "${this.server}" waits for the person's authorization`;
  }
}
