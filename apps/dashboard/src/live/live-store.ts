import type { Bgo, Message, MessageDeltaEvent, PlatosEvent, Turn, Waitpoint } from "@platos-tasks/client";

import { appendDelta, isStored } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { RowStore } from "./row-store.ts";
import type { FrameScheduler } from "./row-store.ts";

/** Everything on screen that changes by itself, fed by events and by snapshots. */
export class LiveStore {
  readonly bgos: RowStore<Bgo>;
  readonly messages: RowStore<Message>;
  readonly turns: RowStore<Turn>;
  readonly waitpoints: RowStore<Waitpoint>;
  readonly drafts: RowStore<Draft>;
  readonly #eventListeners = new Set<(event: PlatosEvent) => void>();

  constructor(schedule: FrameScheduler) {
    this.bgos = new RowStore<Bgo>({
      schedule,
      isOlder: (known, next) => next.rev < known.rev,
      shapeOf: (bgo) => `${bgo.status} ${bgo.threadId}`,
    });
    this.messages = new RowStore<Message>({ schedule, shapeOf: (message) => `${message.threadId} ${message.seq}` });
    this.turns = new RowStore<Turn>({
      schedule,
      isOlder: (known, next) => isOver(known) && !isOver(next),
      shapeOf: (turn) => `${turn.threadId} ${turn.status}`,
    });
    this.waitpoints = new RowStore<Waitpoint>({
      schedule,
      // It resolves once and never opens again.
      isOlder: (known, next) => known.status !== "open" && next.status === "open",
      shapeOf: (waitpoint) => `${waitpoint.threadId} ${waitpoint.bgoId} ${waitpoint.status}`,
    });
    this.drafts = new RowStore<Draft>({ schedule, shapeOf: (draft) => draft.threadId });
  }

  apply(event: PlatosEvent): void {
    switch (event.type) {
      case "bgo.created":
      case "bgo.updated":
        this.bgos.put(event.bgo);
        break;
      case "message.created":
      case "message.updated":
        this.messages.put(event.message);
        this.#dropDraftOf(event.message);
        break;
      case "turn.started":
      case "turn.finished":
        this.turns.put(event.turn);
        if (isOver(event.turn)) this.#dropDraftsOfTurn(event.turn.id);
        break;
      case "waitpoint.created":
      case "waitpoint.resolved":
        this.waitpoints.put(event.waitpoint);
        break;
      case "message.delta":
        this.#write(event);
        break;
      default:
        break;
    }
    for (const listener of this.#eventListeners) listener(event);
  }

  /** Hears every event after the rows have taken it. */
  onEvent(listener: (event: PlatosEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Pieces travel beside the log: one may come after the message or the end of the turn that made it void. */
  #write(delta: MessageDeltaEvent): void {
    const message = this.messages.get(delta.messageId);
    const turn = this.turns.get(delta.turnId);
    if (message !== undefined && isStored(message, delta.modelCall)) return;
    if (turn !== undefined && isOver(turn)) return;
    this.drafts.put(appendDelta(this.drafts.get(delta.messageId), delta));
  }

  #dropDraftOf(message: Message): void {
    const draft = this.drafts.get(message.id);
    if (draft !== undefined && isStored(message, draft.modelCall)) this.drafts.delete(draft.id);
  }

  #dropDraftsOfTurn(turnId: string): void {
    for (const draft of this.drafts.all()) if (draft.turnId === turnId) this.drafts.delete(draft.id);
  }
}

export function isOver(turn: Turn): boolean {
  return turn.status === "completed" || turn.status === "failed";
}
