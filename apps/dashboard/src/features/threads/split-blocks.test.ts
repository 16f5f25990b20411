import { expect, test } from "vitest";

import { splitBlocks } from "./split-blocks.ts";

const samples = [
  "One.\n\nTwo.\n\nThree",
  "Text\n\n```ts\na\n\nb\n```\n\nAfter",
  "1. one\n\n2. two\n\nAfter",
  "~~~\n```\n\nstill code\n~~~\n\nend\n",
  "- a\n\n  more of a\n\n- b",
  "",
  "\n\n\nlate",
];

test.each(samples)("joined, the blocks of %j are the text", (text) => {
  expect(splitBlocks(text).join("")).toBe(text);
});

test("paragraphs are cut, code and lists are not", () => {
  expect(splitBlocks("One.\n\nTwo.")).toEqual(["One.\n\n", "Two."]);
  expect(splitBlocks("Text\n\n```\na\n\nb\n```\n\nAfter")).toEqual(["Text\n\n", "```\na\n\nb\n```\n\n", "After"]);
  expect(splitBlocks("1. one\n\n2. two\n\nAfter")).toEqual(["1. one\n\n2. two\n\n", "After"]);
});

test("a fence that is not closed yet keeps all that follows", () => {
  expect(splitBlocks("A\n\n```\nx\n\ny\n\nz")).toEqual(["A\n\n", "```\nx\n\ny\n\nz"]);
});
