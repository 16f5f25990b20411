import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;
const longestMs = 60_000;

/** Resolves once it is so; throws, naming `what` was waited for, when that takes longer than any lease lasts. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + longestMs;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`Waited ${longestMs / 1000} seconds in vain for ${what}.`);
    await delay(pollMs);
  }
}
