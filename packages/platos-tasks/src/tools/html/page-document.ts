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

/** Parses without running or loading anything. Fragments and broken pages get the `html` and `body` they lack. */
export function parsePage(html: string): PageDocument {
  const whole = /<body[\s>]/iu.test(html) ? html : `<!doctype html><html><head></head><body>${html}</body></html>`;
  return (parseHTML(whole) as unknown as { readonly document: PageDocument }).document;
}
