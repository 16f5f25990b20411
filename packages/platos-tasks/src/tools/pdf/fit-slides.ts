import type { PlacedNode } from "./pdfmake.ts";
import { pdfmake } from "./pdfmake.ts";
import type { Deck, DeckFit } from "./slide-layout.ts";
import { slideId, slideLayout } from "./slide-layout.ts";

// Below the smallest of these a projected slide is hard to read; what does not fit then is continued on a next page,
// at a comfortable size.
const scales = [1, 0.9, 0.8, 0.7, 0.6];
const continuedScale = 0.75;

/** Finds for each slide the largest text that keeps it on one page, by laying the deck out until nothing moves. */
export async function fitSlides(deck: Deck): Promise<DeckFit> {
  const steps = deck.slides.map(() => 0);
  for (;;) {
    const fit = { scales: steps.map((step) => scales[step] ?? continuedScale), firstPages: [] };
    const { firstPages, pages } = await layOut(deck, fit);
    const tooLong = steps.flatMap((step, index) => {
      // Counted by where the next slide begins: the layout reports some blocks on the page that they did not fit on.
      const used = (firstPages[index + 1] ?? pages + 1) - (firstPages[index] ?? 0);
      return step < scales.length && used > 1 ? [index] : [];
    });
    if (tooLong.length === 0) return { ...fit, firstPages };
    for (const index of tooLong) steps[index] = (steps[index] ?? 0) + 1;
  }
}

interface Placed {
  /** Per slide, counted from 1. */
  readonly firstPages: readonly number[];
  readonly pages: number;
}

async function layOut(deck: Deck, fit: DeckFit): Promise<Placed> {
  const firstPages = new Map<string, number>();
  let pages = 0;
  const note = (node: PlacedNode): boolean => {
    ({ pages } = node);
    if (node.id !== undefined) firstPages.set(node.id, node.pageNumbers[0] ?? 1);
    return false;
  };
  await pdfmake.createPdf({ ...slideLayout(deck, fit), pageBreakBefore: note }).getStream();
  return { firstPages: deck.slides.map((_slide, index) => firstPages.get(slideId(index)) ?? 1), pages };
}
