/**
 * Keeps the status page up to date: it is asked for again, and its main part put in place of the old one. Not while
 * somebody marks text in it, nor while nobody sees it.
 */
export const SCRIPT = `
async function refresh() {
  try {
    if (!document.hidden && getSelection().isCollapsed) {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelector("main").replaceWith(page.querySelector("main"));
      document.title = page.title;
    }
    document.getElementById("lost").hidden = true;
  } catch {
    document.getElementById("lost").hidden = false;
  }
  setTimeout(refresh, 2000);
}
setTimeout(refresh, 2000);
`;
