import { Readability } from "@mozilla/readability";
import { truncateText } from "../decode-text.ts";
import type { PageDocument, PageElement } from "./page-document.ts";
import { parsePage } from "./page-document.ts";
import { pageMarkdown } from "./page-markdown.ts";

export interface PageLink {
  readonly text: string;
  /** Absolute, http or https, without a fragment. */
  readonly url: string;
}

export interface ReadPage {
  readonly title: string | null;
  /** Markdown. */
  readonly text: string;
  /** Those of the main text first; each address once, the page's own left out. */
  readonly links: readonly PageLink[];
}

const maxTitleChars = 300;
const maxLinks = 100;
const maxLinkUrlChars = 1_000;
const maxLinkTextChars = 120;
/** What the search for the main text finds below this is rather a caption than an article. */
const minArticleChars = 140;
const unreadable = "script, style, noscript, template, svg, canvas, iframe, object, embed, body title, [hidden]";

/** Reads an HTML page the way a person would: title, main text, links. CPU work: run it off the main thread. */
export function readPage(html: string, url: string): ReadPage {
  const document = parsePage(html);
  const title = pageTitle(document);
  const base = URL.parse(document.querySelector("base[href]")?.getAttribute("href") ?? "", url)?.href ?? url;
  for (const element of document.querySelectorAll(unreadable)) element.remove();
  for (const anchor of document.querySelectorAll("a[href]")) makeAbsolute(anchor, base);
  // The search for the main text takes the document apart.
  const body = document.body.cloneNode(true);
  const article = mainPart(document);
  const anchors = [...(article?.querySelectorAll("a[href]") ?? []), ...body.querySelectorAll("a[href]")];
  const text = article === null ? "" : pageMarkdown(article);
  return { title, text: text.length < minArticleChars ? pageMarkdown(body) : text, links: distinctLinks(anchors, url) };
}

function mainPart(document: PageDocument): PageElement | null {
  const options = { serializer: (node: unknown) => node as PageElement };
  return new Readability<PageElement>(document as never, options).parse()?.content ?? null;
}

function pageTitle(document: PageDocument): string | null {
  const candidates = [
    document.querySelector("title")?.textContent,
    document.querySelector('meta[property="og:title"]')?.getAttribute("content"),
    document.querySelector("h1")?.textContent,
  ];
  const found = candidates.map((text) => oneLine(text ?? "")).find((text) => text !== "");
  return found === undefined ? null : truncateText(found, maxTitleChars).text;
}

function makeAbsolute(anchor: PageElement, base: string): void {
  const target = URL.parse(anchor.getAttribute("href") ?? "", base);
  if (target !== null && (target.protocol === "http:" || target.protocol === "https:")) {
    anchor.setAttribute("href", target.href);
  } else anchor.removeAttribute("href");
}

function distinctLinks(anchors: readonly PageElement[], pageUrl: string): readonly PageLink[] {
  const found = new Map<string, PageLink>();
  const own = withoutFragment(pageUrl);
  for (const anchor of anchors) {
    if (found.size >= maxLinks) break;
    const url = withoutFragment(anchor.getAttribute("href") ?? "");
    if (url === null || url === own || url.length > maxLinkUrlChars || found.has(url)) continue;
    const text =
      oneLine(anchor.textContent ?? "") ||
      oneLine(anchor.getAttribute("aria-label") ?? anchor.getAttribute("title") ?? "");
    found.set(url, { text: text.slice(0, maxLinkTextChars).toWellFormed(), url });
  }
  return [...found.values()];
}

function withoutFragment(text: string): string | null {
  const url = URL.parse(text);
  if (url === null) return null;
  url.hash = "";
  return url.href;
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}
