import type { MarkedToken, Token, Tokens } from "marked";
import { codeBlock } from "./code-block.ts";
import { inlineRuns } from "./inline-runs.ts";
import { markdownTable } from "./markdown-table.ts";
import { colours } from "./pdf-theme.ts";
import type { PdfNode } from "./pdfmake.ts";
import type { Pen } from "./pen.ts";

// Deeper lists and quotations keep their text but gain no further indentation, which would leave no width to write on.
const maxDepth = 6;
const keepTogetherChars = 600;

/** Markdown's block tokens from top to bottom. */
export function markdownBlocks(tokens: readonly Token[], pen: Pen, depth = 0): readonly PdfNode[] {
  const visible = tokens.filter((token) => token.type !== "space" && token.type !== "def") as readonly MarkedToken[];
  const blocks: PdfNode[] = [];
  for (let index = 0; index < visible.length; index += 1) {
    const token = visible[index];
    const next = visible[index + 1];
    if (token === undefined) continue;
    if (token.type === "heading" && next?.type === "paragraph" && fitsTogether(token, next)) {
      // A heading never stands alone at the foot of a page.
      blocks.push({ stack: [...block(token, pen, depth), ...block(next, pen, depth)], unbreakable: true });
      index += 1;
    } else blocks.push(...block(token, pen, depth));
  }
  return blocks;
}

function fitsTogether(heading: Tokens.Heading, paragraph: Tokens.Paragraph): boolean {
  const breaks = paragraph.raw.match(/\n|<br/giu)?.length ?? 0;
  return heading.text.length < 200 && paragraph.text.length < keepTogetherChars && breaks < 8;
}

function block(token: MarkedToken, pen: Pen, depth: number): readonly PdfNode[] {
  const { theme } = pen;
  switch (token.type) {
    case "heading":
      return [headingBlock(token, pen)];
    case "paragraph":
      return [{ text: inlineRuns(token.tokens, pen), margin: [0, 0, 0, theme.gap] }];
    case "text":
      return [
        {
          text: inlineRuns(token.tokens ?? [token], pen),
          margin: [0, 0, 0, theme.gap * 0.35],
          unbreakable: pen.wholeItems && token.text.length < 300,
        },
      ];
    case "code":
      return [codeBlock(token.text, pen)];
    case "table":
      return [markdownTable(token, pen)];
    case "list":
      return [listBlock(token, pen, depth)];
    case "blockquote":
      return [quoteBlock(token, pen, depth)];
    case "hr":
      return [ruleBlock(pen)];
    case "checkbox":
      return [];
    case "html":
      return [
        {
          text: inlineRuns([{ type: "escape", raw: token.raw, text: token.raw.trim() }], pen),
          margin: [0, 0, 0, theme.gap],
        },
      ];
    default:
      return [{ text: inlineRuns([token], pen), margin: [0, 0, 0, theme.gap] }];
  }
}

function headingBlock(token: Tokens.Heading, pen: Pen): PdfNode {
  const fontSize = pen.theme.headings[token.depth - 1] ?? pen.theme.body;
  const id = pen.headingIds.get(token);
  return {
    text: inlineRuns(token.tokens, pen),
    headlineLevel: token.depth,
    ...(id === undefined ? {} : { id, ...(pen.pageOpeners.has(id) ? { pageBreak: "before" } : {}) }),
    fontSize,
    bold: true,
    color: colours.heading,
    lineHeight: 1.15,
    margin: [0, fontSize * 0.45, 0, fontSize * 0.35],
  };
}

function listBlock(token: Tokens.List, pen: Pen, depth: number): PdfNode {
  const gap = token.loose ? pen.theme.gap * 0.4 : 0;
  const inner = { ...pen, widthPt: Math.max(80, pen.widthPt - pen.theme.body * 2.5) };
  const items = token.items.map((item) => {
    const stack = markdownBlocks(item.tokens, inner, depth + 1);
    const content = { ...filled(stack), margin: [0, 0, 0, gap] };
    return item.task ? { listType: "none", columns: [checkbox(item.checked === true, pen), content] } : content;
  });
  const margin = [0, 0, 0, depth === 0 ? pen.theme.gap * 0.6 : 0];
  if (depth >= maxDepth) return { stack: items, margin };
  const marker = { markerColor: colours.accent, margin };
  return token.ordered
    ? { ol: items, start: token.start === "" ? 1 : token.start, ...marker }
    : { ul: items, ...marker };
}

function checkbox(checked: boolean, { theme }: Pen): PdfNode {
  const size = theme.body * 0.72;
  const top = theme.body * 0.22;
  const box = { type: "rect", x: 0, y: top, w: size, h: size, r: 1, lineWidth: 0.8, lineColor: colours.muted };
  const tick = {
    type: "polyline",
    points: [
      { x: size * 0.2, y: top + size * 0.55 },
      { x: size * 0.42, y: top + size * 0.78 },
      { x: size * 0.82, y: top + size * 0.24 },
    ],
    lineWidth: theme.body * 0.12,
    lineColor: colours.accent,
  };
  return { canvas: checked ? [box, tick] : [box], width: theme.body * 1.25 };
}

function quoteBlock(token: Tokens.Blockquote, pen: Pen, depth: number): PdfNode {
  const indent = depth >= maxDepth ? 0 : pen.theme.gap * 1.2;
  const inner = { ...pen, widthPt: Math.max(80, pen.widthPt - indent - 3) };
  const stack = markdownBlocks(token.tokens, inner, depth + 1);
  if (indent === 0) return { stack };
  return {
    table: {
      // Not by content: it would grow with the longest word, off the page.
      widths: [inner.widthPt],
      body: [[{ ...filled(stack), color: colours.muted, margin: [0, 0, 0, -0.6 * pen.theme.gap] }]],
    },
    layout: {
      hLineWidth: () => 0,
      vLineWidth: (column: number) => (column === 0 ? 3 : 0),
      vLineColor: () => colours.line,
      paddingLeft: () => indent,
      paddingRight: () => 0,
      paddingTop: () => 2,
      paddingBottom: () => 0,
    },
    margin: [0, 2, 0, pen.theme.gap],
  };
}

/** An empty stack would take its marker or bar with it. */
function filled(stack: readonly PdfNode[]): PdfNode {
  return { stack: stack.length === 0 ? [{ text: " " }] : stack };
}

function ruleBlock({ theme, widthPt }: Pen): PdfNode {
  return {
    canvas: [{ type: "line", x1: 0, y1: 0, x2: widthPt, y2: 0, lineWidth: 0.8, lineColor: colours.line }],
    margin: [0, theme.gap * 0.6, 0, theme.gap * 1.4],
  };
}
