import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";

/** A node of pdfmake's document tree. pdfmake writes into it, so each pass needs fresh ones. */
export type PdfNode = Readonly<Record<string, unknown>>;

/** What `pageBreakBefore` is told of a laid-out node. */
export interface PlacedNode {
  readonly id?: string;
  readonly pageNumbers: readonly number[];
  /** Of the whole document. */
  readonly pages: number;
  readonly headlineLevel?: number;
  readonly style?: string;
  /** True for a mere container. */
  readonly stack: boolean;
}

export interface NodesAround {
  getFollowingNodesOnPage(): readonly PlacedNode[];
  getPreviousNodesOnPage(): readonly PlacedNode[];
}

export interface PdfDefinition {
  readonly content: readonly PdfNode[];
  readonly pageSize: string | { readonly width: number; readonly height: number };
  /** Left, top, right, bottom in points. */
  readonly pageMargins: readonly [number, number, number, number];
  readonly defaultStyle: PdfNode;
  readonly info: { readonly title?: string; readonly creator: string; readonly producer: string };
  readonly header?: (page: number) => PdfNode | null;
  readonly footer?: (page: number, pages: number) => PdfNode | null;
  readonly background?: (page: number) => PdfNode | null;
  readonly pageBreakBefore?: (node: PlacedNode, around: NodesAround) => boolean;
}

interface PdfKitDocument {
  provideFont(
    family: string,
    bold: boolean,
    italics: boolean,
  ): {
    readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
  };
}

interface PdfMake {
  setFonts(fonts: Readonly<Record<string, FontFiles>>): void;
  setUrlAccessPolicy(policy: (url: string) => boolean): void;
  setLocalAccessPolicy(policy: (path: string) => boolean): void;
  createPdf(definition: PdfDefinition): { getBuffer(): Promise<Buffer>; getStream(): Promise<PdfKitDocument> };
}

interface FontFiles {
  readonly normal: string;
  readonly bold: string;
  readonly italics: string;
  readonly bolditalics: string;
}

export const textFont = "Roboto";
/** One of the fonts that every PDF reader brings along; it knows only the characters of Windows-1252. */
export const codeFont = "Courier";

/** pdfmake ships no types; what is used of it is stated above. It gets its fonts, and no other file or address. */
export const pdfmake: PdfMake = openPdfmake();

function openPdfmake(): PdfMake {
  const require = createRequire(import.meta.url);
  const loaded = require("pdfmake") as PdfMake;
  const folder = join(dirname(require.resolve("pdfmake/package.json")), "fonts", "Roboto") + sep;
  loaded.setFonts({
    [textFont]: {
      normal: `${folder}Roboto-Regular.ttf`,
      bold: `${folder}Roboto-Medium.ttf`,
      italics: `${folder}Roboto-Italic.ttf`,
      bolditalics: `${folder}Roboto-MediumItalic.ttf`,
    },
    [codeFont]: {
      normal: "Courier",
      bold: "Courier-Bold",
      italics: "Courier-Oblique",
      bolditalics: "Courier-BoldOblique",
    },
  });
  loaded.setUrlAccessPolicy(() => false);
  loaded.setLocalAccessPolicy((path) => path.startsWith(folder) || path.startsWith(codeFont));
  return loaded;
}

/** True for the characters that the text font can draw. */
export async function textFontCoverage(): Promise<(codePoint: number) => boolean> {
  const probe = pdfmake.createPdf({
    content: [{ text: "x" }],
    pageSize: "A4",
    pageMargins: [0, 0, 0, 0],
    defaultStyle: { font: textFont },
    info: { creator: "", producer: "" },
  });
  const { font } = (await probe.getStream()).provideFont(textFont, false, false);
  return (codePoint) => font.hasGlyphForCodePoint(codePoint);
}
