/** The words of a tool's name, however it is written: `delete_file`, `deleteFile`, `files.delete`. */
function wordsOf(tool: string): string[] {
  return tool
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** The verb among these that is a word of the tool's name: names are all that a declaration knows of a tool. */
export function verbIn(tool: string, verbs: readonly string[]): string | undefined {
  const words = wordsOf(tool);
  return verbs.find((verb) => words.includes(verb.toLowerCase()));
}
