import type { Log } from "../../core/ports/log.ts";

const everyMs = 5000;

/** A function to call as often as one likes while waiting: it logs the reason at most every five seconds. */
export function progressReporter(log: Log, message: string): (reason: string) => void {
  const since = performance.now();
  let lastAt = since;
  return (reason) => {
    const now = performance.now();
    if (now - lastAt < everyMs) return;
    lastAt = now;
    log.info(message, { reason, seconds: Math.round((now - since) / 1000) });
  };
}
