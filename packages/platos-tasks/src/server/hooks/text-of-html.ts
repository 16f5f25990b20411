const hidden = new Set(["head", "script", "style", "title"]);
const breaking = new Set(["br", "/p", "/div", "/tr", "/li", "/h1", "/h2", "/h3", "/blockquote"]);

const entities: Readonly<Record<string, string>> = {
  "&nbsp;": " ",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};

/** The words of HTML, for people and models. One pass, so that no input takes long; what is cut off is left out. */
export function textOfHtml(html: string): string {
  // Of ASCII alone: other letters may change their length.
  const lower = html.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
  const pieces: string[] = [];
  for (let at = 0; at < html.length;) {
    const open = html.indexOf("<", at);
    pieces.push(html.slice(at, open === -1 ? html.length : open));
    const end = html.startsWith("<!--", open) ? "-->" : ">";
    const close = open === -1 ? -1 : html.indexOf(end, open);
    if (close === -1) break;
    const tag = /^<(\/?[a-z0-9]{1,20})/u.exec(lower.slice(open, open + 22))?.[1] ?? "";
    if (breaking.has(tag)) pieces.push("\n");
    at = hidden.has(tag) ? lower.indexOf(`</${tag}`, close) : close + end.length;
    if (at === -1) break;
  }
  return pieces
    .join("")
    .replaceAll(/&(?:nbsp|lt|gt|quot|#39|amp);/gu, (entity) => entities[entity] ?? entity)
    .replaceAll(/[ \t]+/gu, " ")
    .replaceAll(/ ?\n ?/gu, "\n")
    .replaceAll(/\n{3,}/gu, "\n\n")
    .trim();
}
