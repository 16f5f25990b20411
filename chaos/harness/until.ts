import { setTimeout as delay } from "node:timers/promises";

const usually = { withinMs: 60_000, everyMs: 50 } as const;

export interface Watching {
  /** Longer than any lease lasts when absent. */
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** Looks until it is enough or the time is over; gives what was seen last. */
export async function watch<Seen>(
  look: () => Seen | Promise<Seen>,
  isEnough: (seen: Seen) => boolean,
  { withinMs = usually.withinMs, everyMs = usually.everyMs }: Watching = {},
): Promise<Seen> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isEnough(seen) || performance.now() > endMs) return seen;
    await delay(everyMs);
  }
}

/** Resolves once it is so; throws, naming `what` was waited for, when that takes too long. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  watching: Watching = {},
): Promise<void> {
  if (await watch(isSo, Boolean, watching)) return;
  throw new Error(`Waited ${(watching.withinMs ?? usually.withinMs) / 1000} seconds in vain for ${what}.`);
}
