import { expect, test } from "vitest";

import { parseSearch, stringifySearch } from "./search-params.ts";

test("lists are written with plain commas", () => {
  expect(stringifySearch({ status: ["failed", "running"] })).toBe("?status=failed,running");
});

test("what looks like a number, a boolean or JSON stays the text it is", () => {
  expect(parseSearch("?id=662E41&flag=true&list=%5B1%5D")).toEqual({ id: "662E41", flag: "true", list: "[1]" });
});

test("absent and empty values are left out", () => {
  expect(stringifySearch({ q: "", status: [], thread: undefined, agent: null })).toBe("");
});

test("any text survives the way there and back", () => {
  for (const q of ["a b", "50% + 1", "a&b=c", "ü/ö:?#", 'x,"y"', "__proto__"]) {
    expect(parseSearch(stringifySearch({ q }))["q"]).toBe(q);
  }
});

test("a parameter of any name is only a parameter", () => {
  expect(Object.keys(parseSearch("?__proto__=x&constructor=y"))).toEqual(["__proto__", "constructor"]);
});
