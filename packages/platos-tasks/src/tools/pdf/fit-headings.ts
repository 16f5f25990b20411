import type { TextDocument } from "./document-layout.ts";
import { documentLayout, footerStyle } from "./document-layout.ts";
import type { NodesAround, PlacedNode } from "./pdfmake.ts";
import { pdfmake } from "./pdfmake.ts";

// Each heading that moves costs another layout of the whole, which a book need not pay.
const maxTokens = 600;
const maxLayouts = 12;

/**
 * Finds the headings that would stand alone at the foot of a page, so that they can open the next one. pdfmake could
 * move them by itself, but draws lines and boxes in the wrong place when it does.
 */
export async function fitHeadings(document: TextDocument): Promise<ReadonlySet<string>> {
  const openers = new Set<string>();
  if (document.tokens.length > maxTokens) return openers;
  for (let layouts = 0; layouts < maxLayouts; layouts += 1) {
    const lonely = await firstLonelyHeading(document, openers);
    if (lonely === null) break;
    openers.add(lonely);
  }
  return openers;
}

async function firstLonelyHeading(document: TextDocument, openers: ReadonlySet<string>): Promise<string | null> {
  let found: string | null = null;
  const look = (node: PlacedNode, around: NodesAround): boolean => {
    if (found === null && node.id !== undefined && isLonely(around)) found = node.id;
    return false;
  };
  await pdfmake.createPdf({ ...documentLayout(document, openers), pageBreakBefore: look }).getStream();
  return found;
}

function isLonely(around: NodesAround): boolean {
  const below = around.getFollowingNodesOnPage();
  const alone = below.every((node) => node.style === footerStyle || node.headlineLevel !== undefined);
  // On top of a page it has nowhere better to go.
  return alone && around.getPreviousNodesOnPage().some((node) => !node.stack && node.style !== footerStyle);
}
