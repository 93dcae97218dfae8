/** Code as it is, among values that are printed as literals. */
export class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const width = 100;

/**
 * A value as TypeScript: on one line where it fits, else with a line for each part.
 *
 * @param column how far the value's first line is from the left already, what follows it included
 */
export function print(value: unknown, indent = 0, column = 0): string {
  const flat = onOneLine(value);
  if (column + flat.length <= width || typeof value !== "object" || value === null || value instanceof Code)
    return flat;
  const inner = " ".repeat(indent + 2);
  const lines = partsOf(value).map(([key, part]) => {
    const text = print(part, indent + 2, inner.length + key.length + 1);
    return `${inner}${key}${text},\n`;
  });
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join("")}${" ".repeat(indent)}${close}`;
}

function onOneLine(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (typeof value !== "object" || value === null) return literal(value);
  const parts = partsOf(value).map(([key, part]) => key + onOneLine(part));
  if (Array.isArray(value)) return `[${parts.join(", ")}]`;
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}

function partsOf(value: object): [string, unknown][] {
  if (Array.isArray(value)) return value.map((part) => ["", part]);
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => {
      // `{ target }` is how people write `{ target: target }`.
      if (part instanceof Code && part.text === key) return ["", part];
      return [`${/^[A-Za-z_$][\w$]*$/.test(key) ? key : literal(key)}: `, part];
    });
}

/** Text of others in code: whatever is in it stays text. U+2028 and U+2029 end a line, if no longer a literal. */
export function literal(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
}

/** A template literal of texts and expressions. */
export function template(parts: readonly (string | Code)[]): Code {
  const written = parts.map((part) =>
    part instanceof Code
      ? `\${${part.text}}`
      : literal(part)
          .slice(1, -1)
          .replaceAll('\\"', '"')
          .replace(/`|\$\{/g, "\\$&"),
  );
  return new Code(`\`${written.join("")}\``);
}
