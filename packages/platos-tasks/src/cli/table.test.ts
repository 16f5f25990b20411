import { expect, test } from "vitest";
import { formatFacts, formatTable, shortened } from "./table.ts";

test("columns line up, and line breaks in a cell do not break the table", () => {
  expect(
    formatTable(
      ["ID", "TITLE"],
      [
        ["a", "one\ntwo"],
        ["bcd", ""],
      ],
    ),
  ).toBe("ID   TITLE\na    one two\nbcd");
});

test("values of facts stand below each other", () => {
  expect(
    formatFacts([
      ["A", "1"],
      ["Long", "2"],
    ]),
  ).toBe("A:    1\nLong: 2");
});

test("what is too long is cut with a sign", () => {
  expect(shortened("abcdef", 6)).toBe("abcdef");
  expect(shortened("abcdefg", 6)).toBe("abcde…");
});
