import { expect, test } from "vitest";
import { failpointText, parseFailpoint } from "./failpoint.ts";

test("a failpoint is written and read in one form", () => {
  const text = "record answer/messages.append.before#3=kill";
  expect(parseFailpoint(text)).toEqual({
    name: "record answer/messages.append",
    moment: "before",
    hit: 3,
    action: "kill",
  });
  expect(failpointText(parseFailpoint(text))).toBe(text);
});

test("what is no failpoint is refused with an example", () => {
  expect(() => parseFailpoint("deliver.sometime#1=kill")).toThrow("deliver.before#1=kill");
});
