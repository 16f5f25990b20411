import { expect, test } from "vitest";

import { fireWords, titleOfSchedule } from "./schedule-words.ts";

test("a fire says what became of it and why", () => {
  expect(fireWords({ outcome: "spawned", count: 1, reason: null })).toBe("Started");
  expect(fireWords({ outcome: "refused", count: 1, reason: "too many live BGOs" })).toBe("Refused: too many live BGOs");
});

test("a row of missed fires is counted, or said to be long", () => {
  const missed = { outcome: "missed", reason: null } as const;
  expect(fireWords({ ...missed, count: 12 })).toMatch(/\(12 times\)$/u);
  expect(fireWords({ ...missed, count: null })).toMatch(/\(many times\)$/u);
});

test("a schedule is called as its BGOs are", () => {
  expect(titleOfSchedule({ label: "digest", prompt: "Read the news" })).toBe("digest");
  expect(titleOfSchedule({ label: null, prompt: "Read the news\nand sum them up" })).toBe("Read the news");
});
