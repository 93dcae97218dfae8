/** Words that a secret's name ends in, however it is written: `PGPASSWORD`, `githubToken`, `x-api-key`. */
const endings =
  /(?:password|passwd|passphrase|secret|token|apikey|accesskey|privatekey|secretkey|signingkey|encryptionkey|credentials?|authorization)$/;
/** Short words mean a secret only when they stand alone: `DB_PASS`, not `COMPASS`. */
const shortWords = /(?:^|_)(?:pwd|pass|bearer|auth|cookie)$/;
/** Values that switch something on or count it; `REQUIRE_TOKEN=true` is no secret. */
const setting = /^(?:|true|false|yes|no|on|off|none|\d{1,6})$/i;

/** Whether a variable, header, flag or parameter of this name and value holds a secret. */
export function namesSecret(name: string, value: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/[-.]/g, "_")
    .toLowerCase();
  return !setting.test(value) && (endings.test(words.replaceAll("_", "")) || shortWords.test(words));
}

/** Forms by which a secret is known wherever it stands; each as its issuer documents it. */
const forms = new RegExp(
  [
    "\\bgh[pousr]_[A-Za-z0-9]{20,}", // GitHub
    "\\bgithub_pat_[A-Za-z0-9_]{20,}",
    "\\bglpat-[A-Za-z0-9_-]{20,}", // GitLab
    "\\bsk-[A-Za-z0-9_-]{20,}", // OpenAI, Anthropic
    "\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b", // AWS
    "\\bxox[abprs]-[A-Za-z0-9-]{10,}", // Slack
    "\\bAIza[A-Za-z0-9_-]{35}", // Google
    "\\beyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.", // JWT (RFC 7519)
    "-----BEGIN [A-Z ]*PRIVATE KEY-----", // PEM (RFC 7468)
    "^(?:Authorization:\\s*)?Bearer\\s+\\S{6,}$", // RFC 6750
    "^(?:Authorization:\\s*)?Basic\\s+(?=\\S*[A-Z0-9])[A-Za-z0-9+/]{6,}={0,2}$", // RFC 7617
    "\\b[a-z][a-z0-9+.-]*://[^/@\\s:]*:[^/@\\s]+@", // a URL with a password (RFC 3986, section 3.2.1)
    "^[^\\s:@/]+:[^\\s:@/]+@(?:tcp|unix)\\(", // a MySQL data source name
  ].join("|"),
);

/** Whether text is a secret by its form alone: a known kind of key, or an address with a password. */
export function looksSecret(text: string): boolean {
  return forms.test(text);
}
