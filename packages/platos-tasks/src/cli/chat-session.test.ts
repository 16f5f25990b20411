import type { Message, PlatosClient, PlatosEvent, SubscribeOptions, Thread, Turn } from "@platos-tasks/client";
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

/** A server whose thread is looked at while its first turn is the newest, and which answers when the second one runs. */
function serverWithALateLook(): PlatosClient {
  const turnOf = (id: string, minute: number): Turn =>
    ({ id, createdAt: new Date(minute * 60_000).toISOString() }) as Turn;
  const [first, second] = [turnOf("trn_1", 1), turnOf("trn_2", 2)];
  const looked = Promise.withResolvers<void>();
  let tell: ((event: PlatosEvent) => void) | undefined;
  let isOpened = false;
  const emit = (type: string, turn: Turn): void => tell?.({ type, turn } as PlatosEvent);
  return {
    threads: {
      get: async () => ({ id: "thr_1", lastSeq: 0, latestTurn: isOpened ? { ...first, status: "completed" } : null }),
      messages: {
        create: async (_threadId: string, { text }: { text: string }) => {
          const turn = text === "one" ? first : second;
          setImmediate(() => {
            emit("turn.started", { ...turn, status: "running" });
            if (turn === first) return emit("turn.finished", { ...turn, status: "completed" });
            looked.resolve();
            // Long enough for the look to be taken.
            setTimeout(() => {
              tell?.({ type: "message.created", message: answer } as PlatosEvent);
              emit("turn.finished", { ...turn, status: "completed" });
            }, 20);
          });
          return { messageId: "msg_1", turnId: turn.id };
        },
        list: async () => {
          await looked.promise;
          return { items: [], nextCursor: null };
        },
      },
    },
    bgos: { list: async () => ({ items: [], nextCursor: null }) },
    subscribe: async ({ onEvent, onState, signal }: SubscribeOptions) => {
      tell = onEvent;
      isOpened = true;
      onState?.({ name: "live" });
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  } as unknown as PlatosClient;
}

test("a look that comes late does not end the turn that has begun since", async () => {
  const terminal = recordingTerminal();
  const view = new ChatView(terminal);
  const session = await ChatSession.open({ client: serverWithALateLook(), threadId: "thr_1", view });
  await session.say("one");
  await session.say("two");
  session.close();
  expect(terminal.out).toBe("the answer\n");
});
