import { expect, test } from "vitest";

import { AnnouncementQueue } from "./announcement.ts";

function probe(): { readonly queue: AnnouncementQueue; readonly said: string[]; pass(): void } {
  const said: string[] = [];
  let due: (() => void) | null = null;
  const queue = new AnnouncementQueue({
    say: (words) => said.push(words),
    pauseMs: 3_000,
    setTimer: (run) => {
      due = run;
    },
  });
  return {
    queue,
    said,
    pass: () => {
      const run = due;
      due = null;
      run?.();
    },
  };
}

test("the first is said at once, the next ones together after the pause", () => {
  const { queue, said, pass } = probe();
  for (const words of ["One.", "Two.", "Three."]) queue.add(words);
  expect(said).toEqual(["One."]);
  pass();
  expect(said).toEqual(["One.", "Two. Three."]);
});

test("many are counted", () => {
  const { queue, said, pass } = probe();
  queue.add("First.");
  for (let n = 1; n <= 5; n += 1) queue.add(`Update ${n}.`);
  pass();
  expect(said.at(-1)).toBe("5 updates. Latest: Update 5.");
});

test("a question is said in full however much else there is", () => {
  const { queue, said, pass } = probe();
  queue.add("First.");
  queue.add("Chair asks: Which colour?", true);
  for (let n = 1; n <= 3; n += 1) queue.add(`Update ${n}.`);
  pass();
  expect(said.at(-1)).toBe("4 updates. Chair asks: Which colour? Latest: Update 3.");
  for (let n = 1; n <= 3; n += 1) queue.add(`Update ${n}.`);
  queue.add("Table asks: Which size?", true);
  pass();
  expect(said.at(-1)).toBe("4 updates. Table asks: Which size?");
});

test("after a quiet pause the next is said at once", () => {
  const { queue, said, pass } = probe();
  queue.add("One.");
  pass();
  queue.add("Two.");
  expect(said).toEqual(["One.", "Two."]);
});
