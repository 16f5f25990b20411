import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

/** The text of each page, as a PDF reader finds it. */
export async function pdfPages(content: Uint8Array): Promise<readonly string[]> {
  const document = await getDocument({ data: content, verbosity: 0 }).promise;
  const pages: string[] = [];
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    const text = items.map((item) => ("str" in item ? item.str : "")).join(" ");
    // Each run of letters comes by itself: only the words count.
    pages.push(text.replaceAll(/\s+/gu, " "));
  }
  await document.cleanup();
  return pages;
}
