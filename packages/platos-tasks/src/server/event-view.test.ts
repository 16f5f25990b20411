import { expect, test } from "vitest";
import type { LoggedEvent } from "../core/ports/event-log.ts";
import type { Turn } from "../core/turn.ts";
import { noLinks } from "../testing/no-links.ts";
import { eventViews } from "./event-view.ts";

const turn: Turn = {
  id: "trn_1",
  threadId: "thr_1",
  status: "completed",
  cause: "message",
  userMessageId: "msg_1",
  assistantMessageId: "msg_2",
  attempt: 1,
  error: null,
  createdAt: new Date(0),
  startedAt: new Date(1),
  finishedAt: new Date(2),
};

function event(type: "turn.started" | "turn.finished", id: bigint): LoggedEvent {
  return {
    cursor: { history: "1", xid: 1n, id },
    type,
    envId: "env_1",
    threadId: "thr_1",
    bgoId: null,
    at: new Date(0),
    bgo: null,
    message: null,
    turn,
    waitpoint: null,
  };
}

test("a turn that has ended before its row is read is told to have started, and to have ended in its own event", () => {
  const [started, finished] = eventViews([event("turn.started", 1n), event("turn.finished", 2n)], noLinks);
  expect(started?.data).toMatchObject({ type: "turn.started", turn: { status: "running", finishedAt: null } });
  expect(finished?.data).toMatchObject({ type: "turn.finished", turn: { status: "completed" } });
  expect(finished?.data).toMatchObject({ turn: { finishedAt: turn.finishedAt?.toISOString() } });
});
