/** Prefixes of public ids, one per kind of row. */
export const idPrefixes = {
  agent: "agt",
  agentVersion: "agv",
  apiKey: "key",
  artifact: "art",
  audit: "aud",
  bgo: "bgo",
  environment: "env",
  message: "msg",
  organisation: "org",
  project: "prj",
  schedule: "sch",
  thread: "thr",
  turn: "trn",
  waitpoint: "wpt",
} as const;

export type IdKind = keyof typeof idPrefixes;

// Crockford's base 32 in lower case: sorts as the numbers do, no letters that look alike.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeDigits = 10;
export const idRandomBytes = 10;

/**
 * A prefixed, sortable, unguessable id: 50 bits of milliseconds, then 80 random bits (the layout of ULID).
 * `random` holds {@link idRandomBytes} bytes.
 */
export function formatId(kind: IdKind, atMs: number, random: Uint8Array): string {
  let time = "";
  for (let rest = atMs, digit = 0; digit < timeDigits; digit += 1) {
    time = alphabet.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  let tail = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of random) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      tail += alphabet.charAt((buffer >> bits) & 31);
    }
    buffer &= (1 << bits) - 1;
  }
  return `${idPrefixes[kind]}_${time}${tail}`;
}
