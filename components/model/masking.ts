const MASK = "***";

const patterns: [RegExp, string][] = [
  [/-----BEGIN [^-]+-----[\s\S]*?(?:-----END [^-]+-----|$)/g, MASK],
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, `$1 ${MASK}`],
  // token=…, "apiKey": "…", X-Api-Key: …
  [
    /((?:token|secret|passw(?:or)?d|passphrase|api[-_]?key|access[-_]?key|private[-_]?key|authorization|credential|cookie|signature)[\w-]*["']?\s*[:=]\s*["']?)(?!\*\*\*|bearer|basic)[^\s"',;&]+/gi,
    `$1${MASK}`,
  ],
  [/(:\/\/)[^\s/@]+@/g, `$1${MASK}@`],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, MASK],
  [/\b(?:gh[opsur]_|github_pat_|glpat-|sk[-_]|xox[a-z]-|npm_|AKIA|ASIA|AIza)[\w-]{8,}/g, MASK],
];

/**
 * Foreign text with what looks like a credential masked: programs quote headers, connection strings and environment
 * variables in their errors and logs.
 */
export function maskCredentials(text: string): string {
  return patterns.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text);
}

/** Masks known secrets in any text, in the forms in which programs usually print them. */
export function maskerOf(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((value) => [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    new URLSearchParams([["", value]]).toString().slice(1),
    ...insideBase64(value),
    // A message may show a secret of several lines in part.
    ...value.split(/\r?\n/).flatMap((line) => (line.trim().length >= 4 ? [line.trim()] : [])),
  ]);
  // Longest first, so that a secret that is part of another leaves no rest of it behind.
  const ordered = [...new Set(forms)].filter((form) => form !== "").sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((kept, form) => kept.replaceAll(form, "[secret]"), text);
}

/**
 * What Base64 makes of a text inside a longer one, as in `Authorization: Basic` with a user's name in front: by how
 * much of a group of three bytes comes before it, the characters that depend on nothing else; in both alphabets.
 */
function insideBase64(text: string): string[] {
  const bytes = Buffer.from(text);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const own = encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
    return own.length >= 4 ? [own, own.replaceAll("+", "-").replaceAll("/", "_")] : [];
  });
}
