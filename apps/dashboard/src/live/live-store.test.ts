import type { Bgo, Message, MessageDeltaEvent, MessagePart, PlatosEvent, Turn, Waitpoint } from "@platos-tasks/client";
import { beforeEach, describe, expect, test } from "vitest";

import { LiveStore } from "./live-store.ts";

const at = "2026-01-01T00:00:00.000Z";
const threadId = "thr_1";

let store: LiveStore;
beforeEach(() => {
  store = new LiveStore((flush) => flush());
});

function delta(fields: Partial<MessageDeltaEvent>): MessageDeltaEvent {
  const head = { type: "message.delta", at, threadId, turnId: "trn_1", messageId: "msg_1" } as const;
  return { ...head, modelCall: 0, offset: 0, text: "", ...fields };
}

function message(parts: readonly MessagePart[]): PlatosEvent {
  const row = { id: "msg_1", threadId, seq: 2, role: "assistant", kind: "chat", parts } as unknown as Message;
  return { id: "1", at, type: "message.updated", threadId, bgoId: null, message: row };
}

function turn(status: Turn["status"]): PlatosEvent {
  return { id: "2", at, type: "turn.finished", threadId, turn: { id: "trn_1", threadId, status } as Turn };
}

const text = (): string | undefined => store.drafts.get("msg_1")?.text;

describe("text that is being written", () => {
  test("grows piece by piece; a repeat or an overlap adds nothing twice", () => {
    store.apply(delta({ text: "Hello" }));
    store.apply(delta({ offset: 5, text: " wor" }));
    store.apply(delta({ offset: 5, text: " wor" }));
    store.apply(delta({ offset: 7, text: "orld" }));
    expect(text()).toBe("Hello world");
  });

  test("starts over at offset 0 and with the next model call; an earlier call comes too late", () => {
    store.apply(delta({ text: "first try" }));
    store.apply(delta({ text: "again" }));
    expect(text()).toBe("again");
    store.apply(delta({ modelCall: 1, text: "next" }));
    store.apply(delta({ modelCall: 0, offset: 5, text: " late" }));
    expect(text()).toBe("next");
  });

  test("a viewer who comes in the middle sees from there on, and knows it", () => {
    store.apply(delta({ offset: 40, text: "tail" }));
    store.apply(delta({ offset: 44, text: " end" }));
    expect(store.drafts.get("msg_1")).toMatchObject({ start: 40, text: "tail end" });
  });

  test("gives way to the stored message, and stays while that has only earlier calls", () => {
    store.apply(delta({ modelCall: 1, text: "second call" }));
    store.apply(message([{ type: "step-start" }, { type: "text", text: "first call" }]));
    expect(text()).toBe("second call");
    store.apply(message([{ type: "step-start" }, { type: "step-start" }, { type: "text", text: "second call" }]));
    expect(text()).toBeUndefined();
  });

  test("ends with its turn, and a piece that comes after is not drawn", () => {
    store.apply(delta({ text: "half" }));
    store.apply(turn("failed"));
    expect(text()).toBeUndefined();
    store.apply(delta({ offset: 4, text: " more" }));
    expect(text()).toBeUndefined();
  });
});

describe("rows", () => {
  test("a turn that is over does not begin again", () => {
    store.apply(turn("completed"));
    store.apply(turn("running"));
    expect(store.turns.get("trn_1")?.status).toBe("completed");
  });

  test("a BGO keeps its newest revision", () => {
    const bgo = (rev: number): PlatosEvent => {
      const row = { id: "bgo_1", threadId, rev, status: "running" } as Bgo;
      return { id: String(rev), at, type: "bgo.updated", threadId, bgoId: "bgo_1", bgo: row };
    };
    store.apply(bgo(3));
    store.apply(bgo(2));
    expect(store.bgos.get("bgo_1")?.rev).toBe(3);
  });

  test("a wait that is over does not open again", () => {
    const wait = (status: Waitpoint["status"]): PlatosEvent => {
      const waitpoint = { id: "wpt_1", threadId, bgoId: "bgo_1", status } as Waitpoint;
      return { id: status, at, type: "waitpoint.resolved", threadId, bgoId: "bgo_1", waitpoint };
    };
    store.apply(wait("completed"));
    store.apply(wait("open"));
    expect(store.waitpoints.get("wpt_1")?.status).toBe("completed");
  });

  test("listeners hear an event when its row is in place", () => {
    const seen: (string | undefined)[] = [];
    store.onEvent(() => seen.push(store.turns.get("trn_1")?.status));
    store.apply(turn("completed"));
    expect(seen).toEqual(["completed"]);
  });
});
