/** A generator of numbers from 0 to 1 that gives the same ones on each run (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Text of random words out of random letters: about 4.7 bits a letter and hardly a repeat, so that Postgres' compression
 * finds next to nothing. Prose of people compresses better.
 */
export function randomWords(bytes: number, seed: number): string {
  const random = seededRandom(seed);
  let text = "";
  while (text.length < bytes) {
    const length = 3 + Math.floor(random() * 8);
    for (let letter = 0; letter < length; letter += 1) text += String.fromCharCode(97 + Math.floor(random() * 26));
    text += " ";
  }
  return text.slice(0, bytes);
}
