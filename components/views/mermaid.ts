/**
 * Text for a Mermaid label in quotes. Everything but letters, digits, spaces and a few harmless marks becomes an
 * entity (`#34;` is a double quote), which Mermaid shows as the character and never reads as syntax, Markdown or
 * markup. Line breaks and control characters become spaces.
 */
export function label(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .replaceAll(/[^\p{L}\p{N} .,/@_()+·…-]/gu, (character) => `#${character.codePointAt(0)};`);
}

/** Several lines in one label. */
export function labelLines(lines: readonly string[]): string {
  return lines
    .filter((line) => line !== "")
    .map(label)
    .join("<br/>");
}

/** The first few names and how many more there are: a label with thirty names tells less than one with three. */
export function fewOf(names: readonly string[], most = 3): string {
  const rest = names.length - most;
  return rest > 1 ? `${names.slice(0, most).join(", ")} +${rest} more` : names.join(", ");
}

/**
 * Shapes of nodes: what stands around a label. No polygons such as the hexagon: where Mermaid 11.17 finds no point
 * at which an arrow meets one, it fails on labels with other than Latin-1 characters.
 */
const shapes = {
  box: ['["', '"]'],
  round: ['("', '")'],
  store: ['[("', '")]'],
} as const;

/** A node; its id is made up by the caller and never comes from a name. */
export function node(id: string, shape: keyof typeof shapes, lines: readonly string[]): string {
  const [open, close] = shapes[shape];
  return `${id}${open}${labelLines(lines)}${close}`;
}

/** An arrow; dotted ones are for what is no call of a consumer. */
export function edge(from: string, to: string, text: string, line: "solid" | "dotted" = "solid"): string {
  const arrow = line === "solid" ? "-->" : "-.->";
  return text === "" ? `${from} ${arrow} ${to}` : `${from} ${arrow}|"${label(text)}"| ${to}`;
}

/** A group of nodes; nothing at all where it would be empty. */
export function subgraph(id: string, title: string, content: readonly string[]): string[] {
  if (content.length === 0) return [];
  return [`subgraph ${id}["${label(title)}"]`, ...content.map((line) => `  ${line}`), "end"];
}
