import type { Waitpoint } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { waitNews } from "./wait-news.ts";

const news = (fields: Partial<Waitpoint>): string | null =>
  waitNews(
    { kind: "reply", status: "open", approval: null, question: "Which colour?", resolution: null, ...fields },
    "Chair",
  );

test("a question is read out, an approval names its tool", () => {
  expect(news({})).toBe("Chair asks: Which colour?");
  expect(news({ kind: "approval", approval: { tool: "send_email", args: {}, argsHash: "h" } })).toBe(
    "Chair asks for approval of send_email.",
  );
});

test("how it ended is told in one word", () => {
  expect(news({ status: "completed", resolution: { text: "Blue" } })).toBe("Chair: answered.");
  expect(news({ kind: "approval", status: "completed", resolution: { decision: "deny" } })).toBe("Chair: denied.");
  expect(news({ status: "timed_out" })).toBe("Chair: timed out.");
});

test("waits that no person answers are no news", () => {
  expect(news({ kind: "time" })).toBeNull();
  expect(news({ kind: "bgo", status: "completed" })).toBeNull();
});
