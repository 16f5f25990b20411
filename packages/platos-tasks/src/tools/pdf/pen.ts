import type { Token } from "marked";
import type { PdfTheme } from "./pdf-theme.ts";
import type { Typesetter } from "./typesetter.ts";

/** What drawing needs to know besides what is drawn. */
export interface Pen {
  readonly theme: PdfTheme;
  readonly typesetter: Typesetter;
  /** Points from the left to the right margin. */
  readonly widthPt: number;
  /** Keeps short list items on one page. */
  readonly wholeItems: boolean;
  /** Headings that layout reports on, by these ids. */
  readonly headingIds: ReadonlyMap<Token, string>;
  /** Headings that open a new page. */
  readonly pageOpeners: ReadonlySet<string>;
}
