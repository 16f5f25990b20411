/**
 * Takes real time and chance out of this process. No timer that is set from now on ever fires: a simulated world has a
 * clock of its own, and time limits of the product would otherwise hold on to worlds that are long gone. Nothing is
 * drawn by lot but what the seed draws.
 */
export function takeOutTimeAndChance(): void {
  const handle = { ref: () => handle, unref: () => handle, hasRef: () => false, refresh: () => handle };
  Object.assign(globalThis, { setTimeout: () => handle, clearTimeout: () => undefined });
  Math.random = () => 0.5;
}
