/** A piece of HTML. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text, which is escaped, and HTML, which is not. */
export type Value = string | number | undefined | Html | readonly Html[];

/** HTML from a template: whatever is put in is text, unless it is HTML already. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const [first = "", ...rest] = strings;
  return new Html(rest.reduce((text, part, index) => text + inserted(values[index]) + part, first));
}

function inserted(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
