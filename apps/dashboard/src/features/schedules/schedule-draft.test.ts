import { expect, test } from "vitest";

import { emptyDraft, scheduleBody } from "./schedule-draft.ts";

const draft = { ...emptyDraft("Europe/Berlin"), prompt: " Sum up the news. ", agent: "assistant" };

test("a schedule has a thread or an agent for a new one, never both", () => {
  expect(scheduleBody(draft, "k")).toEqual({
    agent: "assistant",
    prompt: "Sum up the news.",
    cron: "0 9 * * 1-5",
    timeZone: "Europe/Berlin",
    overlap: "skip",
    missed: "one",
    idempotencyKey: "k",
  });
  const inThread = scheduleBody({ ...draft, threadId: "thr_1" }, "k");
  expect(inThread).toMatchObject({ threadId: "thr_1" });
  expect(inThread).not.toHaveProperty("agent");
});

test("how many missed fires are made up for is said only where each is", () => {
  expect(scheduleBody({ ...draft, maxMissed: "3" }, "k")).not.toHaveProperty("maxMissed");
  expect(scheduleBody({ ...draft, missed: "all", maxMissed: "3" }, "k")).toMatchObject({ maxMissed: 3 });
});
