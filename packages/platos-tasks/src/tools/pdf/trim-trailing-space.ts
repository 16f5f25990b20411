import type { PdfNode } from "./pdfmake.ts";

/**
 * Takes the space below the last block away. At the very end of a page that space would open another, empty one.
 */
export function trimTrailingSpace(blocks: readonly PdfNode[]): readonly PdfNode[] {
  const last = blocks.at(-1);
  if (last === undefined) return blocks;
  const margin: unknown = last["margin"];
  const trimmed: Record<string, unknown> = { ...last };
  if (Array.isArray(margin)) trimmed["margin"] = [...margin.slice(0, 3), 0];
  for (const key of ["stack", "ul", "ol"]) {
    const inner: unknown = last[key];
    if (Array.isArray(inner)) trimmed[key] = trimTrailingSpace(inner as readonly PdfNode[]);
  }
  return [...blocks.slice(0, -1), trimmed];
}
