import { shorten } from "./shorten.ts";
import { trimTrailingSpace } from "./trim-trailing-space.ts";
import { inlineRuns } from "./inline-runs.ts";
import { markdownBlocks } from "./markdown-blocks.ts";
import { colours, slideTheme } from "./pdf-theme.ts";
import type { PdfDefinition, PdfNode } from "./pdfmake.ts";
import { textFont } from "./pdfmake.ts";
import type { Pen } from "./pen.ts";
import type { Slide } from "./slide-split.ts";
import { isCover } from "./slide-split.ts";
import type { Typesetter } from "./typesetter.ts";

const page = { width: 960, height: 540 };
const sidePt = 64;
const topPt = 52;
const bottomPt = 52;

export interface Deck {
  readonly slides: readonly Slide[];
  readonly title: string | null;
  readonly typesetter: Typesetter;
}

/** The size of each slide's text, and the page that each begins on once that is known. */
export interface DeckFit {
  readonly scales: readonly number[];
  readonly firstPages: readonly number[];
}

/** 16:9 pages, one per slide; a slide that needs more goes on with its title repeated above. */
export function slideLayout(deck: Deck, fit: DeckFit): PdfDefinition {
  const { slides, typesetter } = deck;
  const title = deck.title === null ? null : typesetter.text(deck.title);
  const placeOf = (pageNumber: number): Place => {
    const index = fit.firstPages.findLastIndex((first) => first <= pageNumber);
    const slide = slides[index];
    return {
      slide: slide ?? null,
      cover: slide !== undefined && isCover(slide, index),
      continued: slide !== undefined && fit.firstPages[index] !== pageNumber,
    };
  };
  return {
    content: slides.map((slide, index) => slideBlock(deck, { slide, index, scale: fit.scales[index] ?? 1 })),
    pageSize: page,
    pageMargins: [sidePt, topPt, sidePt, bottomPt],
    defaultStyle: {
      font: textFont,
      fontSize: slideTheme(1).body,
      lineHeight: slideTheme(1).lineHeight,
      color: colours.ink,
    },
    info: { ...(title === null ? {} : { title }), creator: "Platos Tasks", producer: "pdfmake" },
    background: (pageNumber) => background(placeOf(pageNumber)),
    header: (pageNumber) => header(placeOf(pageNumber), typesetter),
    footer: (pageNumber, pages) => footer(placeOf(pageNumber), title, `${pageNumber} / ${pages}`),
  };
}

interface Place {
  readonly slide: Slide | null;
  readonly cover: boolean;
  readonly continued: boolean;
}

/** The id under which layout reports the pages of a slide. */
export function slideId(index: number): string {
  return `slide-${index}`;
}

function slideBlock(deck: Deck, at: { slide: Slide; index: number; scale: number }): PdfNode {
  const theme = slideTheme(at.scale);
  const pen: Pen = {
    theme,
    typesetter: deck.typesetter,
    widthPt: page.width - 2 * sidePt,
    wholeItems: true,
    headingIds: new Map(),
    pageOpeners: new Set(),
  };
  const blocks = isCover(at.slide, at.index) ? coverBlocks(at.slide, pen) : contentBlocks(at.slide, pen);
  return {
    // Nodes with a page break of their own are not reported on, so the id sits one level below.
    stack: [{ id: slideId(at.index), stack: trimTrailingSpace(blocks) }],
    fontSize: theme.body,
    lineHeight: theme.lineHeight,
    ...(at.index === 0 ? {} : { pageBreak: "before" }),
  };
}

function contentBlocks(slide: Slide, pen: Pen): readonly PdfNode[] {
  const blocks = markdownBlocks(slide.body, pen);
  if (slide.heading === null) return blocks;
  const fontSize = pen.theme.headings[0] ?? pen.theme.body;
  return [
    {
      text: inlineRuns(slide.heading.tokens, pen),
      fontSize,
      bold: true,
      color: colours.heading,
      lineHeight: 1.1,
      margin: [0, 0, 0, fontSize * 0.2],
    },
    {
      canvas: [{ type: "rect", x: 0, y: 0, w: 56, h: 4, color: colours.accent }],
      margin: [0, 0, 0, fontSize * 0.6],
    },
    ...blocks,
  ];
}

function coverBlocks(slide: Slide, pen: Pen): readonly PdfNode[] {
  const { body, headings } = pen.theme;
  const titleSize = (headings[0] ?? body) * 1.55;
  const lines = slide.body.flatMap((token) => ("tokens" in token && token.tokens !== undefined ? [token.tokens] : []));
  return [
    {
      text: slide.heading === null ? "" : inlineRuns(slide.heading.tokens, pen),
      fontSize: titleSize,
      bold: true,
      color: colours.coverText,
      lineHeight: 1.1,
      margin: [0, lines.length === 0 ? 160 : 130, 0, 14],
    },
    { canvas: [{ type: "rect", x: 0, y: 0, w: 72, h: 5, color: "#60a5fa" }], margin: [0, 0, 0, 22] },
    ...lines.map((tokens) => ({
      text: inlineRuns(tokens, pen),
      fontSize: body * 1.15,
      color: colours.coverMuted,
      margin: [0, 0, 0, 6],
    })),
  ];
}

function background(place: Place): PdfNode | null {
  if (!place.cover) return null;
  return { canvas: [{ type: "rect", x: 0, y: 0, w: page.width, h: page.height, color: colours.cover }] };
}

function header(place: Place, typesetter: Typesetter): PdfNode | null {
  if (!place.continued || place.slide?.heading == null) return null;
  const text = `${shorten(typesetter.text(place.slide.heading.text))} (continued)`;
  return { text, fontSize: 12, color: colours.muted, margin: [sidePt, 24, sidePt, 0] };
}

function footer(place: Place, title: string | null, pageText: string): PdfNode {
  return {
    columns: [
      { text: place.cover ? "" : shorten(title ?? ""), width: "*" },
      { text: pageText, width: "auto", alignment: "right" },
    ],
    columnGap: 20,
    fontSize: 11,
    color: place.cover ? colours.coverMuted : colours.muted,
    margin: [sidePt, 22, sidePt, 0],
  };
}
