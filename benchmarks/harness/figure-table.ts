import type { Figure, Target } from "./figure.ts";

/** The figures for people, one line each, with the baseline's value where there is one. */
export function figureTable(figures: readonly Figure[], baseline: ReadonlyMap<string, number>): string {
  const rows = figures.map((figure) => [
    figure.met === null ? "" : figure.met ? "met" : "MISSED",
    figure.name,
    String(figure.value),
    figure.unit,
    targetText(figure.target),
    baseline.has(figure.name) ? String(baseline.get(figure.name)) : "",
  ]);
  const lines = [["", "figure", "value", "unit", "target", "baseline"], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0, column === 2))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function pad(text: string, width: number, right: boolean): string {
  return right ? text.padStart(width) : text.padEnd(width);
}

function targetText(target: Target): string {
  if (target === null) return "";
  return "atMost" in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
}
