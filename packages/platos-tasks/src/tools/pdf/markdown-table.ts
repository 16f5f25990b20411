import type { Tokens } from "marked";
import { inlineRuns } from "./inline-runs.ts";
import { colours } from "./pdf-theme.ts";
import type { PdfNode } from "./pdfmake.ts";
import type { Pen } from "./pen.ts";

type Row = readonly Tokens.TableCell[];

// More would leave a cell no width for a word, and from about twice as many on stand off the page.
const maxColumns = 24;

/**
 * A table over the whole width; its head is repeated on every page that it reaches. One with too many columns becomes
 * several, one below the other, each beginning with the first column.
 */
export function markdownTable(token: Tokens.Table, pen: Pen): PdfNode {
  const rows: readonly Row[] = [token.header, ...token.rows];
  if (token.header.length <= maxColumns) return tableOf(rows, pen);
  const parts: PdfNode[] = [];
  for (let from = 1; from < token.header.length; from += maxColumns - 1) {
    const part = rows.map((row) => [...row.slice(0, 1), ...row.slice(from, from + maxColumns - 1)]);
    parts.push(tableOf(part, pen));
  }
  return { stack: parts };
}

function tableOf(rows: readonly Row[], pen: Pen): PdfNode {
  const [header = []] = rows;
  const columns = header.length;
  const fontSize = pen.theme.table * (columns > 6 ? Math.max(0.55, 6 / columns) : 1);
  const longestRow = Math.max(...rows.map((row) => Math.max(0, ...row.map(cellChars)) * columns));
  const longestHead = Math.max(0, ...header.map(cellChars)) * columns;
  const padding = columns > 6 ? 3 : 6;
  return {
    table: {
      widths: columnWidths(rows, pen.widthPt - columns * (2 * padding + 1)),
      headerRows: longestHead > pen.theme.rowChars ? 0 : 1,
      dontBreakRows: longestRow <= pen.theme.rowChars,
      body: rows.map((row, index) => row.map((cell) => tableCell(cell, pen, { header: index === 0, fontSize }))),
    },
    layout: {
      hLineWidth: () => 0.6,
      vLineWidth: () => 0.6,
      hLineColor: () => colours.line,
      vLineColor: () => colours.line,
      fillColor: (row: number) => (row === 0 ? colours.panel : null),
      paddingLeft: () => padding,
      paddingRight: () => padding,
      paddingTop: () => 4,
      paddingBottom: () => 3,
    },
    margin: [0, 2, 0, pen.theme.gap + 2],
  };
}

function tableCell(cell: Tokens.TableCell, pen: Pen, look: { header: boolean; fontSize: number }): PdfNode {
  return {
    text: inlineRuns(cell.tokens, pen),
    fontSize: look.fontSize,
    lineHeight: 1.2,
    alignment: cell.align ?? "left",
    ...(look.header ? { bold: true, color: colours.heading } : {}),
  };
}

/** Shares the width by the longest cell of each column, within bounds, so that no column starves. */
function columnWidths(rows: readonly Row[], availablePt: number): readonly number[] {
  const [header = []] = rows;
  const weights = header.map((_cell, column) => {
    const longest = Math.max(...rows.map((row) => (row[column] === undefined ? 0 : row[column].text.length)));
    return Math.min(48, Math.max(7, longest));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => Math.max(4, (availablePt * weight) / total));
}

/** A line break counts as the line that it takes. */
function cellChars(cell: Tokens.TableCell): number {
  return cell.text.length + 40 * (cell.text.match(/<br/giu)?.length ?? 0);
}
