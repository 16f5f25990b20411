/** A promise that somebody else opens: what tests use to hold things at a chosen point. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}

/** Lets all callers go on once `count` of them have arrived. */
export function createBarrier(count: number): () => Promise<void> {
  const gate = createGate();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived >= count) gate.open();
    return gate.opened;
  };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
