import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, type Json, storableJson, storableText } from "./json.ts";

const json = fc.jsonValue() as fc.Arbitrary<Json>;

/** The same value with its members in another order, at every depth. */
function reordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reordered(member)]),
  );
}

test("equal values have equal canonical text, whatever the order of their keys", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(reordered(value))).toBe(canonicalJson(value));
    }),
    { numRuns: 1000 },
  );
});

test("canonical text loses nothing and different values differ in it", () => {
  fc.assert(
    fc.property(json, json, (left, right) => {
      // Text has one form for 0 and −0.
      const back: unknown = JSON.parse(JSON.stringify(left));
      expect(JSON.parse(canonicalJson(left))).toEqual(back);
      const isSame = canonicalJson(left) === canonicalJson(right);
      expect(isSame).toBe(canonicalJson(reordered(left)) === canonicalJson(reordered(right)));
    }),
  );
  expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
  expect(canonicalJson({ a: "1" })).not.toBe(canonicalJson({ a: 1 }));
});

test("white space and order in the model's argument text do not matter", () => {
  const one = JSON.parse('{"url":"https://x.test","deep":{"b":1,"a":[{"z":0,"y":null}]}}') as Json;
  const other = JSON.parse('{ "deep": {"a": [ {"y": null, "z": 0} ], "b": 1},\n "url": "https://x.test" }') as Json;
  expect(canonicalJson(one)).toBe(canonicalJson(other));
});

const nasty = fc
  .array(fc.oneof(fc.constantFrom("\0", "\ud800", "\udfff", "\\u0000", "😀", "é"), fc.string({ unit: "binary" })))
  .map((pieces) => pieces.join(""));

test("storable text has neither NUL nor lone surrogates, and good text is left alone", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const stored = storableText(text);
      expect(stored.isWellFormed() && !stored.includes("\0")).toBe(true);
      if (text.isWellFormed() && !text.includes("\0")) expect(stored).toBe(text);
      expect(storableText(stored)).toBe(stored);
    }),
  );
});

test("storable JSON has no NUL and no lone surrogate in values or keys, at any depth", () => {
  fc.assert(
    fc.property(nasty, nasty, (key, text) => {
      const stored = storableJson({ list: [text, { [`k${key}`]: text }], [`k${key}`]: { [`k${key}`]: key } });
      // What Postgres refuses: an escape that is itself not escaped.
      expect(stored.replaceAll("\\\\", "")).not.toMatch(/\\u0000|\\ud[89a-f]/iu);
      expect(JSON.parse(stored)).toEqual({
        list: [storableText(text), { [storableText(`k${key}`)]: storableText(text) }],
        [storableText(`k${key}`)]: { [storableText(`k${key}`)]: storableText(key) },
      });
    }),
  );
});

test("good values are stored as they are", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(storableJson(value)).toBe(JSON.stringify(value));
    }),
  );
  expect(storableJson(undefined)).toBe("null");
  expect(storableJson({ at: new Date(0), text: "\0" })).toBe('{"at":"1970-01-01T00:00:00.000Z","text":"\ufffd"}');
});
