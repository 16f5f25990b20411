const maxChars = 80;

/** Text for one line of a header or footer. */
export function shorten(text: string): string {
  const characters = Array.from(text);
  return characters.length > maxChars ? `${characters.slice(0, maxChars - 1).join("")}…` : text;
}
