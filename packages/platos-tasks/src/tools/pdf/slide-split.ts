import type { Token, Tokens } from "marked";

export interface Slide {
  /** The heading that opens the slide; null when there is none. */
  readonly heading: Tokens.Heading | null;
  readonly body: readonly Token[];
}

/**
 * Cuts Markdown's top-level tokens into slides: at the rules (`---`) where there are any, else before each heading of
 * the first and second level. Empty slides are left out.
 */
export function splitSlides(tokens: readonly Token[]): readonly Slide[] {
  const byRule = tokens.some((token) => token.type === "hr");
  const groups: Token[][] = [[]];
  for (const token of tokens) {
    if (token.type === "space" || token.type === "def") continue;
    if (token.type === "hr") groups.push([]);
    else if (!byRule && opensSlide(token)) groups.push([token]);
    else groups.at(-1)?.push(token);
  }
  return groups.filter((group) => group.length > 0).map(toSlide);
}

/**
 * A line of dashes right below text would make a heading of that text; in a deck it is meant as the end of the slide.
 * Gives such lines outside code fences blank lines around.
 */
export function separateRules(markdown: string): string {
  let fence: string | null = null;
  const lines = markdown.split(/\r\n|\r|\n/u).map((line) => {
    const marker = /^ {0,3}(?<marks>`{3,}|~{3,})/u.exec(line)?.groups?.["marks"];
    if (marker !== undefined && fence === null) fence = marker;
    else if (marker !== undefined && fence !== null && marker.startsWith(fence)) fence = null;
    return fence === null && /^---+\s*$/u.test(line) ? "\n---\n" : line;
  });
  return lines.join("\n");
}

/** True for a slide that is only a heading with perhaps a few short lines below, such as a deck's first. */
export function isCover(slide: Slide, position: number): boolean {
  if (slide.heading === null) return false;
  if (slide.body.length === 0) return true;
  const short = slide.body.every(
    (token) => (token.type === "paragraph" || token.type === "heading") && token.raw.length < 240,
  );
  return position === 0 && short && slide.body.length <= 4 && slide.heading.depth === 1;
}

function opensSlide(token: Token): boolean {
  return token.type === "heading" && "depth" in token && Number(token.depth) <= 2;
}

function toSlide(group: readonly Token[]): Slide {
  const [first, ...rest] = group;
  if (first?.type !== "heading") return { heading: null, body: group };
  return { heading: first as Tokens.Heading, body: rest };
}
