import type { MarkedToken, Token } from "marked";
import { colours } from "./pdf-theme.ts";
import type { PdfNode } from "./pdfmake.ts";
import { codeFont } from "./pdfmake.ts";
import type { Pen } from "./pen.ts";
import { decodeCharacterReferences } from "./character-references.ts";

/** Markdown's inline tokens as runs of text in one style each. */
export function inlineRuns(tokens: readonly Token[], pen: Pen, style: PdfNode = {}): readonly PdfNode[] {
  return tokens.flatMap((token) => runsOf(token as MarkedToken, pen, style));
}

function runsOf(token: MarkedToken, pen: Pen, style: PdfNode): readonly PdfNode[] {
  switch (token.type) {
    case "strong":
      return inlineRuns(token.tokens, pen, { ...style, bold: true });
    case "em":
      return inlineRuns(token.tokens, pen, { ...style, italics: true });
    case "del":
      return inlineRuns(token.tokens, pen, { ...style, decoration: "lineThrough" });
    case "codespan":
      return codeRuns(token.text, pen, { ...style, background: colours.panel });
    case "link":
      return linkRuns(token, pen, style);
    case "image":
      return textRun(`[Image: ${token.text === "" ? token.href : token.text}]`, pen, {
        ...style,
        color: colours.muted,
      });
    case "br":
      return [{ ...style, text: "\n" }];
    case "html":
      // The one tag with a plain meaning in text; models use it in table cells. All others are shown as they are.
      return /^<br\s*\/?>$/iu.test(token.raw.trim()) ? [{ ...style, text: "\n" }] : textRun(token.raw, pen, style);
    case "escape":
      return textRun(token.text, pen, style);
    case "text":
      if (token.tokens !== undefined) return inlineRuns(token.tokens, pen, style);
      return textRun(decodeCharacterReferences(token.text).replace(/ *\n */gu, " "), pen, style);
    default:
      return textRun(token.raw, pen, style);
  }
}

/** Code in the fixed-width font, as far as that font goes. */
export function codeRuns(text: string, pen: Pen, style: PdfNode): readonly PdfNode[] {
  return pen.typesetter
    .code(text)
    .map((piece) => ({ ...style, text: piece.text, ...(piece.fixedWidth ? { font: codeFont } : {}) }));
}

const linkSchemes: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);

function linkRuns(token: Extract<MarkedToken, { type: "link" }>, pen: Pen, style: PdfNode): readonly PdfNode[] {
  const url = URL.parse(token.href);
  const linked = { ...style, color: colours.accent };
  if (url === null || !linkSchemes.has(url.protocol)) {
    // A target that a reader of the PDF could not follow, or should not: its text is all there is.
    const target = token.text === token.href ? "" : ` (${token.href})`;
    return [...inlineRuns(token.tokens, pen, style), ...textRun(target, pen, style)];
  }
  return inlineRuns(token.tokens, pen, { ...linked, link: url.href });
}

function textRun(text: string, pen: Pen, style: PdfNode): readonly PdfNode[] {
  const drawable = pen.typesetter.text(text);
  return drawable === "" ? [] : [{ ...style, text: drawable }];
}
