import type { Message, PlatosClient, Thread, Turn } from "@platos-tasks/client";
import { expect, test } from "vitest";
import { ChatSession } from "./chat-session.ts";
import { ChatView } from "./chat-view.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const answer = {
  id: "msg_2",
  seq: 2,
  role: "assistant",
  kind: "chat",
  terminal: false,
  parts: [{ type: "step-start" }, { type: "text", text: "the answer" }],
} as unknown as Message;

/** A server whose turn ends just while somebody reads the thread, and whose events never come. */
function serverWithAnEndingTurn(): PlatosClient {
  let messages: readonly Message[] = [];
  let turn: Turn | null = null;
  let goLive = (): void => undefined;
  const threads = {
    get: async () => {
      // Time for whoever reads the messages meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
      if (turn !== null) {
        messages = [answer];
        turn = { ...turn, status: "completed" };
      }
      return { id: "thr_1", lastSeq: 0, latestTurn: turn } as Thread;
    },
    messages: {
      create: async () => {
        turn = { id: "trn_1", status: "running" } as Turn;
        setImmediate(() => goLive());
        return { messageId: "msg_1", turnId: "trn_1" };
      },
      list: async () => ({ items: messages, nextCursor: null }),
    },
  };
  const subscribe: PlatosClient["subscribe"] = ({ onState, signal }) => {
    goLive = () => onState?.({ name: "live" });
    goLive();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  };
  return {
    threads,
    bgos: { list: async () => ({ items: [], nextCursor: null }) },
    subscribe,
  } as unknown as PlatosClient;
}

test("a turn is not told as ended before its answer is shown", async () => {
  const terminal = recordingTerminal();
  const view = new ChatView(terminal);
  const session = await ChatSession.open({ client: serverWithAnEndingTurn(), threadId: "thr_1", view });
  expect((await session.say("hello")).status).toBe("completed");
  session.close();
  expect(terminal.out).toBe("the answer\n");
});
