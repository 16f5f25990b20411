import { Lexer } from "marked";
import { documentLayout } from "./document-layout.ts";
import { fitHeadings } from "./fit-headings.ts";
import { fitSlides } from "./fit-slides.ts";
import type { PdfDefinition } from "./pdfmake.ts";
import { pdfmake, textFontCoverage } from "./pdfmake.ts";
import { slideLayout } from "./slide-layout.ts";
import { separateRules, splitSlides } from "./slide-split.ts";
import type { Typesetter } from "./typesetter.ts";
import { createTypesetter } from "./typesetter.ts";

export interface PdfRequest {
  readonly markdown: string;
  readonly title: string | null;
  readonly layout: "document" | "slides";
}

export interface DrawnPdf {
  readonly content: Uint8Array;
  readonly pages: number;
  /** Distinct characters that no font at hand could draw. */
  readonly missingCharacters: readonly string[];
}

/** Markdown (GFM) to PDF. CPU work of seconds for a long text: run it off the main thread. */
export async function drawPdf(request: PdfRequest): Promise<DrawnPdf> {
  const typesetter = createTypesetter(await textFontCoverage());
  const draw = request.layout === "slides" ? slides : document;
  const definition = await draw(request, typesetter);
  let pages = 0;
  const counting: PdfDefinition = {
    ...definition,
    footer: (page, total) => {
      pages = total;
      return definition.footer?.(page, total) ?? null;
    },
  };
  const content = await pdfmake.createPdf(counting).getBuffer();
  return { content, pages, missingCharacters: typesetter.missing() };
}

async function document({ markdown, title }: PdfRequest, typesetter: Typesetter): Promise<PdfDefinition> {
  const text = { tokens: Lexer.lex(markdown, { gfm: true }), title, typesetter };
  return documentLayout(text, await fitHeadings(text));
}

async function slides({ markdown, title }: PdfRequest, typesetter: Typesetter): Promise<PdfDefinition> {
  const tokens = Lexer.lex(separateRules(markdown), { gfm: true });
  const deck = { slides: splitSlides(tokens), title, typesetter };
  return slideLayout(deck, await fitSlides(deck));
}
