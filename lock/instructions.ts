/**
 * By what a text in a definition is marked as one that instructs the model, which OWASP's MCP Top 10 calls tool poisoning
 * (MCP03). A definition describes; whoever writes what the model must do, keep from the user or fetch from elsewhere, should
 * be read by a person first. These are marks: harmless texts carry them, and a clever one carries none.
 */
const signs: readonly { says: string; pattern: RegExp }[] = [
  {
    says: "tells the model to set its instructions aside",
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}\b(?:instructions?|prompts?|rules|guidelines|directions|policy|policies|restrictions)\b/i,
  },
  {
    says: "tells the model to keep something from the user",
    pattern:
      /\b(?:do not|don['’]t|never|without|avoid)\b[^.]{0,20}\b(?:tell|mention|inform|notify|reveal|show|disclose|alert|ask|warn)(?:ing)?\b[^.]{0,40}\b(?:user|human|person|anyone|anybody|customer|operator)s?\b/i,
  },
  {
    says: "tells the model to act silently",
    pattern:
      /\b(?:silently|secretly|covertly|quietly)\s+(?:also\s+)?(?:add|call|copy|execute|forward|include|keep|log|post|read|run|save|send|store|upload|write)/i,
  },
  {
    says: "has marks of a prompt in it",
    pattern:
      /<\/?\s*(?:important|system|instructions?|secret|hidden|admin|critical|assistant)\b[^>]{0,40}>|<\|[a-z_]{1,20}\|>|\[\/?INST\]|^#{1,6} *(?:system|instructions?|assistant)\b|<!--/im,
  },
  {
    says: "tells the model what it has to do",
    pattern:
      /\b(?:you|(?:the|this) (?:assistant|model|agent|ai|llm)|claude|chatgpt|copilot)\s+(?:must|shall|have to|are required to|are now|should (?:always|never|first))\b|\b(?:IMPORTANT|CRITICAL|MANDATORY)\b\s*[:!]/i,
  },
  {
    says: "wants something done before or after tools are used",
    pattern:
      /\b(?:before|prior to|after|whenever|every time|each time)\s+(?:(?:you|the (?:model|agent|assistant)) )?(?:us(?:e|es|ing)|call(?:s|ing)?|invok(?:e|es|ing)|each|every|any)\b[^.]{0,40}\b(?:tools?|functions?|calls?|use|requests?)\b/i,
  },
  {
    says: "names a file in which secrets are kept",
    pattern:
      /\.ssh\b|id_(?:rsa|ed25519|ecdsa)|\/etc\/(?:passwd|shadow)|\.aws\b|\.kube\b|\.(?:npmrc|netrc|pgpass|pypirc)\b|(?:^|[\s/"'`])\.env\b|mcp\.json|claude_desktop_config|private[_ ]key/i,
  },
  {
    says: "asks for a secret or for the conversation",
    pattern:
      /\b(?:read|send|include|pass|provide|attach|append|collect|copy|upload|forward|put|give|embed)\b[^.]{0,60}\b(?:api[_ ]?keys?|secrets?|passwords?|credentials?|access tokens?|environment variables?|system prompt|(?:chat|conversation) history|(?:whole|entire|full|previous) (?:conversation|chat|messages))\b/i,
  },
  {
    says: "wants something sent to an address",
    pattern:
      /\b(?:send|forward|post|upload|bcc|cc|transmit|report|exfiltrate|curl|wget)\b[^.]{0,60}(?:\bhttps?:\/\/|[\w+-]@[\w-]+\.\w)/i,
  },
  { says: "carries encoded text", pattern: /[A-Za-z0-9+/]{100}/ },
  { says: "has text far out of sight", pattern: /[^\S\n]{40}|\n{8}/ },
];

/**
 * Characters that nobody sees and models read: tags, zero width, direction of writing, control characters. Joiners and
 * selectors of variants are what emoji are made of, and hidden only elsewhere.
 */
export const hidden =
  /(?![\ufe0e\ufe0f\u200d])\p{Default_Ignorable_Code_Point}|(?<!\p{Emoji})[\ufe0e\ufe0f]|(?<!\p{Emoji}\ufe0f?)\u200d|(?![\n\r\t])\p{Cc}/gu;

/**
 * The signs that a text instructs the model, in words; empty for most. Pure.
 *
 * @param foreign names of other servers' tools: a text that speaks of them may want to change how they are used
 */
export function instructionsIn(text: string, foreign: readonly string[] = []): string[] {
  const seen = text.normalize("NFKC").replace(hidden, "").trim();
  const found = signs.filter(({ pattern }) => pattern.test(seen)).map(({ says }) => says);
  if (text.search(hidden) >= 0) found.push("has characters in it that nobody sees");
  const named = foreign.find((name) => isDistinct(name) && wordsIn(seen).has(name));
  return named === undefined ? found : [...found, `speaks of another server's tool, ${named}`];
}

/** A name that is also a word, such as `search`, says nothing. */
function isDistinct(name: string): boolean {
  return /[a-z0-9][_-][a-z0-9]|[a-z][A-Z]/.test(name);
}

function wordsIn(text: string): Set<string> {
  return new Set(text.match(/[\w-]+/g));
}
