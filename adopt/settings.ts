import { camelCase, untaken } from "./names.ts";
import type { Part, Reference } from "./references.ts";

/** One entry of the stack's configuration. */
export interface Setting {
  key: string;
  /** Whether it is kept encrypted. */
  secret: boolean;
  /** Its value, where it is known; never shown. */
  value?: string;
  /** Where the value is from, or has to come from, in words. */
  from: string;
}

/** Text in the program: plain, with settings in it, or a secret by the key of its store. */
export type Text = string | { parts: (string | { setting: string })[] } | { secret: string };

/** Values that the program reads from the stack's configuration, and the secrets that are made of them. */
export class Settings {
  readonly all: Setting[] = [];
  /** The secrets by key, each by what it is made of. */
  readonly secrets: Record<string, (string | { setting: string })[]> = {};
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #references = new Map<string, string>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** Text with settings in it, not secret. */
  plain(parts: readonly Part[]): Text {
    if (parts.every((part) => typeof part === "string")) return parts.join("");
    return { parts: this.#resolved(parts, false) };
  }

  /** A secret of these parts, as whose value it stands by its name at its owner. */
  secret(name: string, owner: string, parts: readonly Part[], from: string): Text {
    const references = parts.filter((part) => typeof part !== "string");
    const texts = parts.filter((part) => typeof part === "string").join("");
    const [only, another] = references;
    if (only && !another && texts === "") return this.#kept(this.#setting(only, true));
    // Beside a reference, text may well be the other half of a secret; only the name of a scheme is none.
    if (only && /^(?:bearer|basic|token|apikey)\s+$/i.test(texts)) {
      const key = untaken(camelCase(owner, name), this.#taken());
      this.secrets[key] = this.#resolved(parts, true);
      return { secret: key };
    }
    const value = joined(parts.map((part) => (typeof part === "string" ? part : this.#known(part))));
    return this.#kept(
      this.#given(
        name,
        owner,
        value,
        only ? `${from}, which has ${references.map(inWords).join(" and ")} in it` : from,
      ),
    );
  }

  /** A setting that no file has: its owner has to give it. Answers its key. */
  open(key: string, from: string): string {
    return this.#add({ key, secret: false, from });
  }

  /** The value of a text, where all of it is known. */
  valueOf(text: Text): string | undefined {
    return joined(
      this.#partsOf(text).map((part) => (typeof part === "string" ? part : this.#at(part.setting))),
    );
  }

  /** The settings in a text that have no value. */
  openIn(text: Text): string[] {
    return this.#partsOf(text).flatMap((part) =>
      typeof part === "string" || this.#at(part.setting) !== undefined ? [] : [part.setting],
    );
  }

  #partsOf(text: Text): (string | { setting: string })[] {
    if (typeof text === "string") return [text];
    return "secret" in text ? (this.secrets[text.secret] ?? []) : text.parts;
  }

  #at(setting: string): string | undefined {
    return this.all.find(({ key }) => key === setting)?.value;
  }

  /** A secret that is one setting, under the setting's own key. */
  #kept(key: string): Text {
    this.secrets[key] = [{ setting: key }];
    return { secret: key };
  }

  #resolved(parts: readonly Part[], secret: boolean): (string | { setting: string })[] {
    return parts.map((part) => (typeof part === "string" ? part : { setting: this.#setting(part, secret) }));
  }

  #known({ name, input, otherwise }: Reference): string | undefined {
    return (input ? undefined : this.#env[name]) || otherwise;
  }

  /** One value may stand at several servers; it is one setting where its name is the same too. */
  #given(name: string, owner: string, value: string | undefined, from: string): string {
    const short = camelCase(name);
    const isSame = (each: Setting) => value !== undefined && each.secret && each.value === value;
    const same = this.all.find((each) => isSame(each) && [short, camelCase(owner, name)].includes(each.key));
    if (same) return same.key;
    const generic = /^(?:authorization|token|api-?key|x-?api-?key|password|secret)$/i.test(
      name.replaceAll("_", "-"),
    );
    const wanted = generic || this.#taken().has(short) ? camelCase(owner, name) : short;
    return this.#add({ key: wanted, secret: true, ...(value !== undefined && { value }), from });
  }

  #setting(part: Reference, secret: boolean): string {
    const reference = `${secret}:${inWords(part)}`;
    const before = this.#references.get(reference);
    if (before) return before;
    const value = this.#known(part);
    const key = this.#add({
      key: camelCase(part.name),
      secret,
      ...(value !== undefined && { value }),
      from: inWords(part),
    });
    this.#references.set(reference, key);
    return key;
  }

  #add(setting: Setting): string {
    const key = untaken(setting.key, this.#taken());
    this.all.push({ ...setting, key });
    return key;
  }

  #taken(): Set<string> {
    return new Set([...this.all.map(({ key }) => key), ...Object.keys(this.secrets)]);
  }
}

const inWords = ({ name, input }: Reference) =>
  input ? `what the client asks for as ${name}` : `the environment variable ${name}`;

const joined = (values: (string | undefined)[]) => (values.includes(undefined) ? undefined : values.join(""));
