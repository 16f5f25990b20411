import type { Usage } from "@platos-tasks/client";

/** `950`, `1.2k`, `3.4M`. */
export function formatCount(count: number): string {
  if (count < 1_000) return String(count);
  return count < 999_500 ? scaled(count / 1_000, "k") : scaled(count / 1_000_000, "M");
}

/** Dollars, with as many digits as small prices need; a dash where the price is not known. */
export function formatCost(costUsd: number | null): string {
  if (costUsd === null) return "–";
  if (costUsd === 0) return "$0";
  if (costUsd < 0.0001) return "< $0.0001";
  return costUsd < 0.1 ? `$${trimZeros(costUsd.toFixed(4))}` : `$${costUsd.toFixed(2)}`;
}

export function formatTokens(usage: Usage): string {
  return formatCount(usage.inputTokens + usage.outputTokens);
}

/** `1.2k tokens · $0.031`; empty before anything was used. */
export function formatUsage(usage: Usage): string {
  const tokens = usage.inputTokens + usage.outputTokens;
  if (tokens === 0) return "";
  const cost = usage.costUsd === null ? "" : ` · ${formatCost(usage.costUsd)}`;
  return `${formatCount(tokens)} tokens${cost}`;
}

function scaled(value: number, unit: string): string {
  return `${value < 10 ? trimZeros(value.toFixed(1)) : Math.round(value)}${unit}`;
}

/** Keeps two decimals at least: prices read `$0.03`, not `$0.0`. */
function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/(\.\d{2}\d*?)0+$/u, "$1").replace(/\.0$/u, "") : text;
}
