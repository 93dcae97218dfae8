import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { parseAllDocuments } from "yaml";
import { Unreadable } from "./found.ts";

/**
 * The documents in a text: one of JSON, with or without comments and trailing commas, or several of YAML.
 *
 * @throws Unreadable with the line
 */
export function documentsIn(text: string, file: string): unknown[] {
  // A byte order mark is what some editors on Windows begin a file with.
  const content = text.replace(/^\uFEFF/, "");
  if (content.trim() === "") throw new Unreadable(`${file} is empty.`);
  return /^\s*(?:[{[]|\/[/*])/.test(content) ? [json(content, file)] : yaml(content, file);
}

function json(text: string, file: string): unknown {
  const at = (offset: number) => `${file}:${text.slice(0, offset).split("\n").length}`;
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error)
    throw new Unreadable(
      `${at(error.offset)}: is no JSON here: ${inWords(printParseErrorCode(error.error))}.`,
    );
  if (!tree) throw new Unreadable(`${file} is empty.`);
  const twice = repeatedKey(tree);
  if (twice) throw new Unreadable(`${at(twice.offset)}: "${twice.value}" stands here for the second time.`);
  return getNodeValue(tree);
}

/** `CloseBraceExpected` for people. */
const inWords = (code: string) => code.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();

/** Of two properties with one name every parser takes the last: a server would be lost and nobody told. */
function repeatedKey(node: Node): Node | undefined {
  const keys = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = child.type === "property" ? child.children?.[0] : undefined;
    if (key && keys.has(key.value)) return key;
    keys.add(key?.value);
    const inside = repeatedKey(child);
    if (inside) return inside;
  }
  return undefined;
}

function yaml(text: string, file: string): unknown[] {
  return parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error)
      throw new Unreadable(
        `${file}:${error.linePos?.[0].line ?? 1}: is no YAML here: ${error.message.split(/ at line|\n/)[0]}.`,
      );
    return document.toJS();
  });
}
