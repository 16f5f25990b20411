import type { Bgo, Message, MessagePart } from "@platos-tasks/client";
import { expect, test } from "vitest";
import { ChatView } from "./chat-view.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const at = "2026-01-01T00:00:00.000Z";

function message(parts: readonly MessagePart[], changes: Partial<Message> = {}): Message {
  const ids = {
    id: "msg_1",
    threadId: "thr_1",
    authorAgentId: "agt_1",
    bgoId: null,
    turnId: "trn_1",
    waitpointId: null,
  };
  return { ...ids, seq: 2, role: "assistant", kind: "chat", terminal: false, parts, createdAt: at, ...changes };
}

function show(run: (view: ChatView) => void): string {
  const terminal = recordingTerminal();
  run(new ChatView(terminal));
  return terminal.out;
}

function piece(text: string, offset: number, modelCall = 0): Parameters<ChatView["delta"]>[0] {
  return { type: "message.delta", at, threadId: "thr_1", turnId: "trn_1", messageId: "msg_1", modelCall, offset, text };
}

const step = { type: "step-start" } as const;
const text = (value: string): MessagePart => ({ type: "text", text: value });
const bgo = { id: "bgo_1", status: "queued", label: "slides", prompt: "make slides" } as Bgo;

test("pieces of an answer are shown once, and the stored message adds what of it was missed", () => {
  const shown = show((view) => {
    view.delta(piece("One ", 0));
    view.delta(piece("two ", 4));
    view.delta(piece("four", 14));
    view.message(message([step, text("One two three four")]));
    view.message(message([step, text("One two three four")]));
    view.answerEnded();
  });
  expect(shown).toBe("One two three four\n");
});

test("a piece that comes after its message changes nothing", () => {
  const shown = show((view) => {
    view.message(message([step, text("whole")]));
    view.delta(piece("who", 0));
    view.answerEnded();
  });
  expect(shown).toBe("whole\n");
});

test("an answer that is begun again starts on a new line", () => {
  const shown = show((view) => {
    view.delta(piece("wrong", 0));
    view.delta(piece("right", 0));
    view.message(message([step, text("right")]));
    view.answerEnded();
  });
  expect(shown).toBe("wrong\nright\n");
});

test("a BGO that starts while an answer is written is told after it, and once", () => {
  const shown = show((view) => {
    view.delta(piece("I have ", 0));
    view.spawned(bgo);
    view.spawned(bgo);
    view.delta(piece("begun.", 7));
    view.answerEnded();
  });
  expect(shown).toBe("I have begun.\n[bgo_1 queued] slides\n");
});

test("each model call stands on its own line, with its tool calls and their failures named once", () => {
  const call = { type: "dynamic-tool", toolName: "spawn_bgo", toolCallId: "c1", input: {} } as const;
  const failed = { ...call, state: "output-error", errorText: "too many" } as const;
  const shown = show((view) => {
    view.delta(piece("Let me see.", 0));
    view.message(message([step, text("Let me see."), { ...call, state: "input-available" }]));
    view.message(message([step, text("Let me see."), failed]));
    view.message(message([step, text("Let me see."), failed, step, text("No.")]));
    view.answerEnded();
  });
  expect(shown).toBe("Let me see.\n· spawn_bgo\n· spawn_bgo failed: too many\nNo.\n");
});

test("a result is shown with its files, and nothing it says can drive the terminal", () => {
  const file = {
    type: "file",
    url: "/api/v1/artifacts/art_1",
    mediaType: "application/pdf",
    filename: "a.pdf",
  } as const;
  const result = { id: "msg_2", role: "assistant", kind: "bgo_completed", bgoId: "bgo_1", terminal: true } as const;
  const shown = show((view) => {
    view.message(message([text("\u001b]0;gotcha\u0007Done\u009b31m.\n"), file], result));
    view.message(message([text("again")], result));
    view.message(message([text("my own words")], { id: "msg_3", role: "user" }));
  });
  expect(shown).toBe("[bgo_1 completed] ]0;gotchaDone31m.\n\na.pdf: /api/v1/artifacts/art_1\n");
});
