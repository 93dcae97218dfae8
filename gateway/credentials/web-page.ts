import type { Page } from "../http/listener.ts";

type Answer = Awaited<ReturnType<Page>>;

/**
 * Nothing is loaded, nothing is framed, and no address leaves with a click: it may hold a code or a ticket. (Caching is
 * forbidden for all pages.)
 */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** A page of plain words. */
export function webPage(status: number, title: string, text: string, cookies: string[] = []): Answer {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
</html>
`;
  return { status, type: "text/html; charset=utf-8", body, headers: headersWith(cookies) };
}

/** Sends the browser elsewhere. */
export function redirect(to: URL, cookies: string[] = []): Answer {
  return {
    status: 302,
    type: "text/plain",
    body: "",
    headers: { ...headersWith(cookies), location: to.href },
  };
}

function headersWith(cookies: string[]) {
  return { ...HEADERS, ...(cookies.length > 0 && { "set-cookie": cookies }) };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
