import { html, raw } from "hono/html";
import { pageStyle } from "./page-style.ts";

/** A piece of HTML in which everything that came from outside is escaped. */
export type Html = ReturnType<typeof html>;

export const nothing = html``;

/** To the letter what the policy's hash was made of. */
const style = raw(`<style>${pageStyle}</style>`);

/** A whole page. `title` is ours: what a model asked does not stand in anybody's list of tabs. */
export function pageFrame({ title, content }: { readonly title: string; readonly content: Html }): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html>`;
}

/** A page that says one thing. */
export function notePage({ title, text }: { readonly title: string; readonly text: string }): Html {
  return pageFrame({
    title,
    content: html`<h1>${title}</h1>
      <p>${text}</p>`,
  });
}
