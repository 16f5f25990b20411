import type { Bgo, PlatosEvent } from "@platos-tasks/client";
import type { JsonObject } from "../core/json.ts";
import { isJsonObject } from "../core/json.ts";
import type { Message, MessagePart } from "../core/message.ts";
import type { Store } from "../core/ports/store.ts";
import type { Scope } from "../core/scope.ts";
import type { Turn } from "../core/turn.ts";
import { pingMs, pingText, withSilence } from "./event-stream.ts";
import type { FeedEvent } from "./event-view.ts";
import { chunkBlocks, doneBlock, type UiMessageChunk } from "./ui-message-chunk.ts";
import { UiMessageStream } from "./ui-message-stream.ts";
import { bgoView } from "./views.ts";

export interface ChatStreamOptions {
  readonly store: Store;
  readonly scope: Scope;
  readonly turn: Turn;
  /** The thread's `seq` after which the answer stands. */
  readonly afterSeq: number;
  readonly canReset: boolean;
  /** Calls that the client has just decided about: it has the answer up to them. */
  readonly decided?: readonly string[];
  /** The thread's events, from before the turn was looked at. */
  readonly events: AsyncIterable<FeedEvent>;
}

/**
 * One turn's answer as blocks of a UI message stream, from its start to its end, whether it is still to come, is being
 * written or was given long ago. Throws when the events end before the turn does: the client must come back.
 */
export async function* chatBlocks(options: ChatStreamOptions): AsyncGenerator<string, void, undefined> {
  const answer = new ChatAnswer(options);
  yield chunkBlocks([...answer.start(), ...(await answer.look())]);
  if (!answer.isOver) {
    for await (const event of withSilence(options.events, pingMs)) {
      // Silence may mean that an event was lost on its way, or that the thread is gone.
      const blocks = chunkBlocks(event === null ? await answer.look() : await answer.take(event.data));
      if (event === null || blocks !== "") yield blocks === "" ? pingText : blocks;
      if (answer.isOver) break;
    }
  }
  if (!answer.isOver) throw new Error("The live view ended before the turn did.");
  yield doneBlock;
}

class ChatAnswer {
  readonly #options: ChatStreamOptions;
  readonly #ui: UiMessageStream;
  /** Whether a BGO was spawned by this turn, as far as it was looked up. */
  readonly #isOurs = new Map<string, boolean>();
  #hasContinued = false;
  isOver = false;

  constructor(options: ChatStreamOptions) {
    const { turn, canReset } = options;
    this.#options = options;
    const metadata = { threadId: turn.threadId, turnId: turn.id };
    this.#ui = new UiMessageStream({ messageId: turn.assistantMessageId, metadata, canReset });
  }

  start(): UiMessageChunk[] {
    return this.#ui.start();
  }

  async take(event: PlatosEvent): Promise<UiMessageChunk[]> {
    const { turn } = this.#options;
    switch (event.type) {
      case "message.delta":
        return event.turnId === turn.id ? this.#ui.delta(event) : [];
      case "message.created":
      case "message.updated":
        if (event.message.id !== turn.assistantMessageId) return [];
        // The turn may wait for what it asks, and so may we.
        return event.message.parts.some(isApprovalRequest) ? this.look() : this.#ui.stored(event.message.parts);
      case "bgo.created":
      case "bgo.updated":
        return this.#bgo(event.bgo);
      case "turn.finished":
        return event.turn.id === turn.id ? this.look() : [];
      case "resync":
        return this.look();
      case "turn.started":
      case "waitpoint.created":
      case "waitpoint.resolved":
        return [];
    }
  }

  /** What the rows say now: the answer as far as it is stored, and the turn's end. */
  async look(): Promise<UiMessageChunk[]> {
    const { store, scope, turn } = this.#options;
    // The turn first: what it had written when it ended is then there to be read.
    const now = await store.autocommit.turns.find(scope, turn.id);
    if (now === null) return this.#end(this.#ui.fail("This conversation was deleted."));
    const parts = (await this.#answer())?.parts ?? [];
    this.#continue(parts);
    const chunks = [...this.#ui.stored(parts), ...(await this.#bgosIn(parts))];
    // Waiting for another approval than those that the client has decided about just now.
    if (now.status === "waiting" && parts.some(isApprovalRequest)) return this.#end([...chunks, ...this.#ui.ask()]);
    if (now.status === "completed") return this.#end([...chunks, ...this.#ui.finish()]);
    if (now.status === "failed") return this.#end([...chunks, ...this.#ui.fail(failureText(now))]);
    return chunks;
  }

  #continue(parts: readonly MessagePart[]): void {
    const { decided } = this.#options;
    if (decided === undefined || this.#hasContinued) return;
    this.#hasContinued = true;
    this.#ui.continueAfter(parts, decided);
  }

  #end(chunks: UiMessageChunk[]): UiMessageChunk[] {
    this.isOver = true;
    return chunks;
  }

  async #answer(): Promise<Message | null> {
    const { store, scope, turn } = this.#options;
    const limit = 100;
    for (let afterSeq = this.#options.afterSeq; ;) {
      const page = await store.autocommit.messages.list(scope, turn.threadId, { afterSeq, limit });
      const found = page.find((message) => message.id === turn.assistantMessageId);
      const last = page.at(-1);
      if (found !== undefined) return found;
      if (last === undefined || page.length < limit) return null;
      afterSeq = last.seq;
    }
  }

  /** BGOs that the answer's tools tell of: their events may have passed before anybody listened. */
  async #bgosIn(parts: readonly MessagePart[]): Promise<UiMessageChunk[]> {
    const { store, scope } = this.#options;
    const chunks: UiMessageChunk[] = [];
    for (const part of parts) {
      const output = part.type === "dynamic-tool" ? part.output : undefined;
      const bgoId = isJsonObject(output) ? output["bgoId"] : undefined;
      if (typeof bgoId !== "string" || this.#isOurs.has(bgoId)) continue;
      const bgo = await store.autocommit.bgos.find(scope, bgoId);
      if (bgo !== null) chunks.push(...(await this.#bgo(bgoView(bgo))));
    }
    return chunks;
  }

  async #bgo(bgo: Bgo): Promise<UiMessageChunk[]> {
    const { store, scope, turn } = this.#options;
    let isOurs = this.#isOurs.get(bgo.id);
    if (isOurs === undefined) {
      isOurs = (await store.autocommit.bgos.find(scope, bgo.id))?.turnId === turn.id;
      this.#isOurs.set(bgo.id, isOurs);
    }
    return isOurs ? this.#ui.bgo(bgo.id, cardOf(bgo)) : [];
  }
}

function isApprovalRequest(part: MessagePart): boolean {
  return part.type === "dynamic-tool" && part.state === "approval-requested";
}

/** What a card in a chat shows. */
function cardOf({ id, status, reason, label, prompt, progress, error }: Bgo): JsonObject {
  return {
    bgoId: id,
    status,
    reason,
    label,
    prompt,
    progress: progress === null ? null : { ...progress },
    error: error === null ? null : { ...error },
  };
}

function failureText({ error }: Turn): string {
  return `This turn failed: ${error?.message ?? "the reason is not known."}`;
}
