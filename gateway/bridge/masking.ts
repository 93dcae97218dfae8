import { maskCredentials, maskerOf } from "../../components/model/masking.ts";

/** Variables whose names say that they hold a credential. */
const SECRET_NAME =
  /token|secret|passw|passphrase|pwd|credential|cookie|signature|(?:^|_)(?:api_?)?key(?:$|_)|_(?:key|pass|pat|dsn|auth)$/i;

/** Shorter ones can't be told from ordinary words. */
const SHORTEST = 6;

/** Longest line of a server that is passed on, in characters; what comes after is left out. */
const LONGEST_LINE = 16_384;

/**
 * Masks secrets in what a server writes about itself, before it stands in a log: the values of those environment
 * variables that hold one, by their names or by their looks, and whatever else looks like a credential.
 */
export function lineMasker(env: NodeJS.ProcessEnv): (line: string) => string {
  const secrets = Object.entries(env).flatMap(([name, value = ""]) =>
    value.length >= SHORTEST && (SECRET_NAME.test(name) || maskCredentials(value) !== value) ? [value] : [],
  );
  const maskValues = maskerOf(secrets);
  return (line) => {
    const masked = maskCredentials(maskValues(line.slice(0, LONGEST_LINE)));
    return line.length > LONGEST_LINE ? `${masked} … (${line.length} characters)` : masked;
  };
}
