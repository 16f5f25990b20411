import type { Token } from "marked";
import { markdownBlocks } from "./markdown-blocks.ts";
import { colours, documentTheme } from "./pdf-theme.ts";
import type { PdfDefinition, PdfNode } from "./pdfmake.ts";
import { textFont } from "./pdfmake.ts";
import type { Pen } from "./pen.ts";
import { shorten } from "./shorten.ts";
import { trimTrailingSpace } from "./trim-trailing-space.ts";
import type { Typesetter } from "./typesetter.ts";

const marginPt = 64;
const widthPt = 595.28 - 2 * marginPt;

export interface TextDocument {
  readonly tokens: readonly Token[];
  readonly title: string | null;
  readonly typesetter: Typesetter;
}

/** The style that marks what belongs to the footer. */
export const footerStyle = "footer";

/** A4 pages, upright, with the title above the text and page numbers below. */
export function documentLayout(document: TextDocument, pageOpeners: ReadonlySet<string>): PdfDefinition {
  const { tokens, typesetter } = document;
  const lastText = tokens.findLastIndex((token) => token.type !== "heading" && token.type !== "space");
  // Those at the very end have nothing to stand above.
  const headings = tokens.slice(0, Math.max(0, lastText)).filter((token) => token.type === "heading");
  const pen: Pen = {
    theme: documentTheme,
    typesetter,
    widthPt,
    wholeItems: false,
    headingIds: new Map(headings.map((token, index) => [token, `heading-${index}`])),
    pageOpeners,
  };
  const title = document.title === null ? null : typesetter.text(document.title);
  const above = title === null || startsWithHeading(tokens, document.title) ? [] : titleBlock(title);
  return {
    content: trimTrailingSpace([...above, ...markdownBlocks(tokens, pen)]),
    pageSize: "A4",
    pageMargins: [marginPt, marginPt, marginPt, marginPt],
    defaultStyle: {
      font: textFont,
      fontSize: documentTheme.body,
      lineHeight: documentTheme.lineHeight,
      color: colours.ink,
    },
    info: { ...(title === null ? {} : { title }), creator: "Platos Tasks", producer: "pdfmake" },
    footer: (page, pages) => footer(title, page, pages),
  };
}

function startsWithHeading(tokens: readonly Token[], title: string | null): boolean {
  const first = tokens.find((token) => token.type !== "space");
  return first?.type === "heading" && "text" in first && String(first.text).trim() === title?.trim();
}

function titleBlock(title: string): readonly PdfNode[] {
  return [
    { text: title, fontSize: 26, bold: true, color: colours.heading, lineHeight: 1.1, margin: [0, 0, 0, 8] },
    { canvas: [{ type: "rect", x: 0, y: 0, w: 48, h: 3, color: colours.accent }], margin: [0, 0, 0, 18] },
  ];
}

function footer(title: string | null, page: number, pages: number): PdfNode {
  return {
    columns: [
      { text: shorten(title ?? ""), width: "*", style: footerStyle },
      { text: `${page} / ${pages}`, width: "auto", alignment: "right", style: footerStyle },
    ],
    columnGap: 20,
    fontSize: 8.5,
    color: colours.muted,
    margin: [marginPt, 26, marginPt, 0],
    style: footerStyle,
  };
}
