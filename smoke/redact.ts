import { maskCredentials } from "../components/model/masking.ts";

const MASK = "***";

/** Long runs that mix letters and digits: keys, digests, encoded credentials. */
const longRun = /[\w+=-]{20,}/g;

/** More than any detail quotes; the patterns are slow on endless text. */
const MOST = 4_000;

/**
 * Foreign text, the first few thousand characters of it, with everything masked that looks like a credential:
 * errors of upstream servers quote headers, connection strings and environment variables. It masks rather too
 * much.
 */
export function redact(text: string): string {
  // A credential that the cut goes through might not look like one any more.
  const start = text.length > MOST ? text.slice(0, MOST).replace(/\S*$/, "") : text;
  return maskCredentials(start).replace(longRun, (run) =>
    /\d/.test(run) && /[A-Za-z]/.test(run) ? MASK : run,
  );
}

/** Text on one line, without control characters (a terminal would obey them). */
export function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}\[[0-9;]*m/gu, "")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
}

/** Foreign text as a detail may quote it: redacted, on one line, at most `length` characters of it. */
export function quote(text: string, length = 120): string {
  const safe = oneLine(redact(text));
  return `"${safe.length > length ? `${safe.slice(0, length - 1)}…` : safe}"`;
}
