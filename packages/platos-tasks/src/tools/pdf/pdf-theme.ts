export const colours = {
  ink: "#1f2937",
  heading: "#0f172a",
  muted: "#6b7280",
  accent: "#1d4ed8",
  line: "#d1d5db",
  panel: "#f3f4f6",
  code: "#111827",
  cover: "#0f172a",
  coverText: "#f8fafc",
  coverMuted: "#cbd5e1",
} as const;

/** Sizes in points. */
export interface PdfTheme {
  readonly body: number;
  readonly code: number;
  readonly table: number;
  /** By depth, 1 to 6. */
  readonly headings: readonly number[];
  readonly lineHeight: number;
  /** Space after a block. */
  readonly gap: number;
  /** A table row with more characters than this, over all its columns, may break across pages. */
  readonly rowChars: number;
}

export const documentTheme: PdfTheme = {
  body: 10.5,
  code: 9,
  table: 9.5,
  headings: [21, 16, 13, 11.5, 10.5, 10.5],
  lineHeight: 1.3,
  gap: 9,
  rowChars: 1_500,
};

/** Body text of a slide, from 1 (full size) down. */
export function slideTheme(scale: number): PdfTheme {
  const size = (points: number): number => Math.round(points * scale * 10) / 10;
  return {
    body: size(23),
    code: size(17),
    table: size(19),
    // The slide's own title shrinks less than its text.
    headings: [Math.max(27, size(34)), ...[29, 26, 24, 23, 23].map(size)],
    lineHeight: 1.25,
    gap: size(14),
    rowChars: 500,
  };
}
