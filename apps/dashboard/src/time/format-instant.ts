const clockSlackMs = 30_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long ago or until: `now`, `5m ago`, `in 3h`; beyond a week the date itself. */
export function formatRelative(atMs: number, nowMs: number, locale?: string): string {
  const difference = atMs - nowMs;
  const distance = Math.abs(difference);
  // Clocks of pages tick every 30 s: what happened since the last tick is not in the future.
  if (distance < minuteMs) return difference > clockSlackMs ? "in < 1m" : "now";
  if (distance >= 7 * dayMs) return formatDate(atMs, nowMs, locale);
  const relative = new Intl.RelativeTimeFormat(locale, { style: "narrow" });
  if (distance < hourMs) return relative.format(Math.trunc(difference / minuteMs), "minute");
  if (distance < dayMs) return relative.format(Math.trunc(difference / hourMs), "hour");
  return relative.format(Math.trunc(difference / dayMs), "day");
}

/** Hours and minutes of the day, as the reader's clock shows them. */
export function formatClock(atMs: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(atMs);
}

/** Day, time and zone, for what must not be mistaken: `Dec 26, 2026, 9:00 AM GMT+1`. `timeZone`: the reader's when absent. */
export function formatMoment(atMs: number, timeZone?: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(atMs);
}

/** The whole instant, local with its zone, then UTC: what a hover shows. */
export function formatExact(atMs: number, locale?: string): string {
  const local = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "long",
  }).format(atMs);
  return `${local} · ${new Date(atMs).toISOString()}`;
}

function formatDate(atMs: number, nowMs: number, locale?: string): string {
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  const year = sameYear ? {} : ({ year: "numeric" } as const);
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...year }).format(atMs);
}
