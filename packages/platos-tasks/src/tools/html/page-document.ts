import { parseHTML } from "linkedom";

/** The little of the DOM that reading a page takes; stated here because this code is compiled without DOM types. */
export interface PageElement {
  readonly textContent: string | null;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  cloneNode(deep: boolean): PageElement;
}

export interface PageDocument extends PageElement {
  readonly body: PageElement;
}

/** Parses without running or loading anything. Fragments and broken pages get the `html`, `head` and `body` they lack. */
export function parsePage(html: string): PageDocument {
  const document = parse(html);
  return isWhole(document) ? document : parse(`<html><head></head><body>${html.replace(outline, "")}</body></html>`);
}

/** Tags that HTML lets an author leave out, any of them; the parser takes what stands in their place for them. */
const outline = /<!doctype\b[^<>]*>|<\/?(?:html|head|body)(?:\s[^<>]*)?>/giu;

function parse(html: string): ParsedDocument {
  return (parseHTML(html) as unknown as { readonly document: ParsedDocument }).document;
}

interface ParsedDocument extends PageDocument {
  readonly documentElement: { readonly children: Iterable<{ readonly localName: string }> } | null;
}

function isWhole({ documentElement }: ParsedDocument): boolean {
  const [head, body] = documentElement?.children ?? [];
  return head?.localName === "head" && body?.localName === "body";
}
