/**
 * Takes real time out of this process: no timer that is set from now on ever fires. A simulated world has a clock of
 * its own, and time limits of the product would otherwise hold on to worlds that are long gone.
 */
export function makeTimersInert(): void {
  const handle = { ref: () => handle, unref: () => handle, hasRef: () => false, refresh: () => handle };
  Object.assign(globalThis, { setTimeout: () => handle, clearTimeout: () => undefined });
}
