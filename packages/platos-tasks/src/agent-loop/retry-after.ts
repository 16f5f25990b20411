/**
 * How long a provider asks to wait, or null: `retry-after-ms`, else `retry-after` in seconds or as an HTTP date.
 * Source: RFC 9110, 10.2.3.
 */
export function retryAfterMsOf(headers: Readonly<Record<string, unknown>>, nowMs: number): number | null {
  const exact = numberIn(headers["retry-after-ms"]);
  if (exact !== null) return exact;
  const value = headers["retry-after"];
  const seconds = numberIn(value);
  if (seconds !== null) return Math.ceil(seconds * 1000);
  const atMs = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

function numberIn(value: unknown): number | null {
  if (typeof value !== "string" || !/^\d+(?:\.\d+)?$/u.test(value.trim())) return null;
  return Number(value);
}
