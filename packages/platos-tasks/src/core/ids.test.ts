import fc from "fast-check";
import { expect, test } from "vitest";
import { formatId, idPrefixes, idRandomBytes, type IdKind } from "./ids.ts";

const kinds = Object.keys(idPrefixes) as IdKind[];
// Fifty bits of milliseconds: until the year 37,648.
const instant = fc.nat({ max: 2 ** 50 - 1 });
const random = fc.uint8Array({ minLength: idRandomBytes, maxLength: idRandomBytes });

test("prefixes are unique, and an id shows its kind", () => {
  expect(new Set(Object.values(idPrefixes)).size).toBe(kinds.length);
  for (const kind of kinds) {
    expect(formatId(kind, 1, new Uint8Array(idRandomBytes))).toBe(`${idPrefixes[kind]}_00000000010000000000000000`);
  }
});

test("ids sort as their instants do", () => {
  fc.assert(
    fc.property(instant, instant, random, random, (left, right, leftRandom, rightRandom) => {
      fc.pre(left !== right);
      const [leftId, rightId] = [formatId("bgo", left, leftRandom), formatId("bgo", right, rightRandom)];
      expect(leftId < rightId).toBe(left < right);
    }),
  );
});

test("ids have one form and no two instants or random values share one", () => {
  fc.assert(
    fc.property(instant, random, random, (at, one, other) => {
      const id = formatId("message", at, one);
      expect(id).toMatch(/^msg_[0-9a-hjkmnp-tv-z]{26}$/u);
      const isSame = Buffer.from(one).equals(Buffer.from(other));
      expect(formatId("message", at, other) === id).toBe(isSame);
    }),
  );
});
