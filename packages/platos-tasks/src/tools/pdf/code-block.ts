import { codeRuns } from "./inline-runs.ts";
import { colours } from "./pdf-theme.ts";
import type { PdfNode } from "./pdfmake.ts";
import { codeFont } from "./pdfmake.ts";
import type { Pen } from "./pen.ts";

// A block up to this size moves to the next page as a whole.
const keptTogether = { chars: 1_500, lines: 16 };

/** Code on a grey panel. Long lines wrap, long blocks go on on the next page. */
export function codeBlock(text: string, pen: Pen): PdfNode {
  const style = { fontSize: pen.theme.code, color: colours.code, preserveLeadingSpaces: true };
  // The two fonts differ in height; these factors give lines of either the same one.
  const runs = codeRuns(text, pen, style).map((run) => ({
    ...run,
    lineHeight: run["font"] === codeFont ? 1.68 : 1.13,
  }));
  return {
    table: {
      // A width of its own choice would grow with the longest word, off the page; minified code is one word.
      widths: [pen.widthPt - 2 * pen.theme.gap],
      dontBreakRows: text.length <= keptTogether.chars && text.split("\n").length <= keptTogether.lines,
      body: [[{ text: runs, preserveLeadingSpaces: true }]],
    },
    layout: {
      hLineWidth: () => 0,
      vLineWidth: () => 0,
      fillColor: () => colours.panel,
      paddingLeft: () => pen.theme.gap,
      paddingRight: () => pen.theme.gap,
      paddingTop: () => pen.theme.gap * 0.9,
      paddingBottom: () => pen.theme.gap * 0.5,
    },
    margin: [0, 2, 0, pen.theme.gap],
  };
}
