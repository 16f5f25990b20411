/** Numbers that depend on the seed alone, so that a schedule can be had again. */
export interface SeededRandom {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
}

/** `stream` tells sequences of one seed apart, such as the trials of a race. Source: the mulberry32 generator. */
export function seededRandom(seed: number, stream: number): SeededRandom {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // The first numbers of neighbouring states are alike.
  next();
  next();
  return { next, between: (least, most) => least + Math.floor(next() * (most - least + 1)) };
}
