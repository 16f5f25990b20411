import type { Turn, TurnStatus } from "@platos-tasks/client";
import { expect, test } from "vitest";

import { newestTurn, turnDoing } from "./turn-doing.ts";

const turn = (id: string, status: TurnStatus, threadId = "thr_1"): Turn => ({ id, status, threadId }) as Turn;

test("a turn that works or waits comes before those that queue behind it", () => {
  expect(newestTurn([turn("b", "queued"), turn("c", "running")], "thr_1")?.id).toBe("c");
  expect(newestTurn([turn("b", "queued"), turn("c", "waiting")], "thr_1")?.id).toBe("c");
  expect(newestTurn([turn("c", "queued"), turn("b", "queued")], "thr_1")?.id).toBe("b");
});

test("when all are over, the last one counts; other threads' never do", () => {
  expect(newestTurn([turn("a", "failed"), turn("b", "completed"), turn("c", "running", "thr_2")], "thr_1")?.id).toBe(
    "b",
  );
  expect(newestTurn([], "thr_1")).toBeNull();
});

test("a turn that asks for an approval waits, whatever was last heard of it", () => {
  expect(turnDoing(turn("a", "running"), true)).toBe("waiting");
  expect(turnDoing(turn("a", "waiting"), true)).toBe("waiting");
});

test("once it is decided, it waits for a worker until it is heard to run", () => {
  expect(turnDoing(turn("a", "waiting"), false)).toBe("queued");
  expect(turnDoing(turn("a", "running"), false)).toBe("thinking");
  expect(turnDoing(turn("a", "completed"), true)).toBeNull();
});
