/** What a person sees at the end of a way. */
export interface Seen {
  url: URL;
  status: number;
  text: string;
  headers: Headers;
}

/** A person's browser, as far as redirects and cookies go. */
export class Browser {
  /** Every address it was at. */
  readonly visited: URL[] = [];
  /** Every cookie that it was given, as it was written. */
  readonly setCookies: string[] = [];
  readonly #jars = new Map<string, Map<string, string>>();

  /** Goes to an address and wherever that leads; `until` stops in front of an address. */
  async open(start: string | URL, until?: (url: URL) => boolean): Promise<Seen> {
    let url = new URL(start);
    for (let hops = 0; hops < 20; hops++) {
      this.visited.push(url);
      const jar = this.#jarOf(url);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(url, { redirect: "manual", headers: { cookie } });
      for (const line of response.headers.getSetCookie()) this.#keep(jar, line);
      const location = response.headers.get("location");
      const next = location === null ? undefined : new URL(location, url);
      if (!next || until?.(next)) {
        return {
          url: next ?? url,
          status: response.status,
          text: await response.text(),
          headers: response.headers,
        };
      }
      url = next;
    }
    throw new Error("the way never ends");
  }

  #jarOf({ origin }: URL): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  #keep(jar: Map<string, string>, line: string): void {
    this.setCookies.push(line);
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name);
    else jar.set(name, value);
  }
}
