import { createHash } from "node:crypto";

/** Numbers that are the same for the same seed, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A stream of its own for one purpose: drawing more in one does not shift what the others give. */
  static of(seed: number, ...purpose: readonly (string | number)[]): Random {
    const hash = createHash("sha256").update([seed, ...purpose].join("\n"));
    return new Random(hash.digest().readUInt32LE());
  }

  /** From 0 up to 1. Source: mulberry32, Tommy Ettinger, public domain. */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  between(from: number, to: number): number {
    return from + this.unit() * (to - from);
  }

  /** A whole number from 0 to below `count`. */
  index(count: number): number {
    return Math.floor(this.unit() * count);
  }

  chance(share: number): boolean {
    return this.unit() < share;
  }

  pick<const Choice>(choices: readonly [Choice, ...Choice[]]): Choice {
    return choices[this.index(choices.length)] ?? choices[0];
  }
}
