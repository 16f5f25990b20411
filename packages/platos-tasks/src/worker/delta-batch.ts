import type { TextPiece } from "../agent-loop/run-agent-loop.ts";
import type { LivePort } from "../core/ports/live.ts";
import type { ClaimedTurn } from "../core/ports/store.ts";

/** At most twenty deltas a second per turn, however finely the model streams. */
const intervalMs = 50;

/** Gathers streamed text and sends it on in batches; the first piece goes at once. */
export class DeltaBatch {
  readonly #live: LivePort;
  readonly #turn: ClaimedTurn;
  #pending: TextPiece | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(live: LivePort, turn: ClaimedTurn) {
    this.#live = live;
    this.#turn = turn;
  }

  add(piece: TextPiece): void {
    const pending = this.#pending;
    const follows =
      pending !== null &&
      pending.modelCall === piece.modelCall &&
      pending.offset + pending.text.length === piece.offset;
    if (pending !== null && !follows && piece.offset !== 0) this.#flush();
    this.#pending = follows ? { ...pending, text: pending.text + piece.text } : piece;
    if (this.#timer !== null) return;
    this.#flush();
    this.#timer = setInterval(() => this.#tick(), intervalMs);
  }

  close(): void {
    this.#flush();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    if (this.#pending !== null) {
      this.#flush();
      return;
    }
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #flush(): void {
    const piece = this.#pending;
    this.#pending = null;
    if (piece === null) return;
    this.#live.publishDelta({
      type: "message.delta",
      envId: this.#turn.scope.envId,
      threadId: this.#turn.threadId,
      turnId: this.#turn.id,
      messageId: this.#turn.assistantMessageId,
      ...piece,
    });
  }
}
