/** Waits to within a fraction of a millisecond, which a timer cannot, and lets everything else run meanwhile. */
export async function pause(ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) await new Promise((resolve) => setImmediate(resolve));
}
