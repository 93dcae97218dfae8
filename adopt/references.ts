/** Part of a value: text, or what stands for a value that is had elsewhere. */
export type Part = string | Reference;

/** A reference such as `${GITHUB_TOKEN}`, `${env:GITHUB_TOKEN}` or `${input:github-token}`. */
export interface Reference {
  name: string;
  /** Whether a client asks its user for it, rather than its environment. */
  input: boolean;
  /** What stands for it when there is no value. */
  otherwise?: string;
}

/** The places of this machine that clients know by names of their own. */
export interface Places {
  workspaceFolder: string;
  userHome: string;
}

const form = /\$\{(?:(env|input):)?([^}:]+)(?::-([^}]*))?\}/g;

/** A value by its parts; names of places are replaced by the places. */
export function partsOf(text: string, places: Places): Part[] {
  const known: Record<string, string> = {
    ...places,
    workspaceFolderBasename: places.workspaceFolder.split("/").at(-1) ?? "",
    pathSeparator: "/",
    "/": "/",
  };
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(form)) {
    const [whole, kind, name = "", otherwise] = match;
    const place = kind ? undefined : known[name];
    parts.push(
      text.slice(end, match.index),
      place ?? { name, input: kind === "input", ...(otherwise !== undefined && { otherwise }) },
    );
    end = match.index + whole.length;
  }
  return joined([...parts, text.slice(end)]);
}

/** Neighbouring texts as one, and none that is empty. */
function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts.filter((each) => each !== "")) {
    const last = all.at(-1);
    if (typeof part === "string" && typeof last === "string") all[all.length - 1] = last + part;
    else all.push(part);
  }
  return all;
}
