const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A length of time in its two greatest units: `1.8 s`, `42 s`, `4 m 12 s`, `3 h 5 m`, `2 d 4 h`. */
export function formatDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < secondMs) return ms < 1 ? "0 s" : `${Math.round(ms)} ms`;
  if (ms < 10 * secondMs) return `${Math.floor(ms / 100) / 10} s`;
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s`;
  if (ms < hourMs) return pair(ms, { unitMs: minuteMs, unit: "m", restMs: secondMs, rest: "s" });
  if (ms < dayMs) return pair(ms, { unitMs: hourMs, unit: "h", restMs: minuteMs, rest: "m" });
  return pair(ms, { unitMs: dayMs, unit: "d", restMs: hourMs, rest: "h" });
}

/** As {@link formatDuration}, in whole seconds: what a running clock shows. */
export function formatElapsed(durationMs: number): string {
  return formatDuration(Math.floor(Math.max(0, durationMs) / secondMs) * secondMs);
}

/** As {@link formatElapsed}, in its greatest unit alone: `4 m`. */
export function formatAge(durationMs: number): string {
  return formatElapsed(durationMs).split(" ").slice(0, 2).join(" ");
}

interface Units {
  readonly unitMs: number;
  readonly unit: string;
  readonly restMs: number;
  readonly rest: string;
}

function pair(ms: number, { unitMs, unit, restMs, rest }: Units): string {
  const whole = Math.floor(ms / unitMs);
  const left = Math.floor((ms - whole * unitMs) / restMs);
  return left === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${left} ${rest}`;
}
