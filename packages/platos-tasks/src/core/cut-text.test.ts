import { expect, test } from "vitest";
import { cutText } from "./cut-text.ts";

test("a text that is short enough stays as it is", () => {
  expect(cutText("12345", 5)).toBe("12345");
});

test("a longer one loses its end, and says how much and where the whole is", () => {
  expect(cutText("123456789", 5)).toBe("12345\n[cut here: the first 5 of 9 characters; 4 left out]");
  expect(cutText("123456789", 5, "the whole is elsewhere")).toMatch(/; 4 left out; the whole is elsewhere\]$/u);
});

test("no character is cut in half", () => {
  expect(cutText("1234\u{1F600}6", 5)).toMatch(/^1234\n\[cut here/u);
  expect(cutText("123\u{1F600}67", 5)).toMatch(/^123\u{1F600}\n\[cut here/u);
});
