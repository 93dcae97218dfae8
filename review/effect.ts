/** What a change does to callers while it is made. */
export interface Effect {
  /** What it happens to: `server notes`. */
  subject: string;
  /** `none`: callers notice nothing; `interruption`: calls of some seconds fail or wait; `lasting`: somebody has to act. */
  impact: "none" | "interruption" | "lasting";
  /** What happens, in a sentence. */
  text: string;
}
