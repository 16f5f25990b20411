import {
  type Bgo,
  isTerminal,
  type JsonObject,
  type Message,
  type PlatosClient,
  type PlatosEvent,
  type Turn,
} from "@platos-tasks/client";
import type { ChatView } from "./chat-view.ts";

export interface ChatSessionOptions {
  readonly client: PlatosClient;
  readonly threadId: string;
  /** Null shows nothing. */
  readonly view: ChatView | null;
}

interface Waiting {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One thread, followed while it is open. What events tell and what a look at the rows tells goes through the same
 * hands, so a lost connection costs nothing but time.
 */
export class ChatSession {
  readonly #options: ChatSessionOptions;
  readonly #closing = new AbortController();
  readonly #turns = new Map<string, Turn>();
  readonly #bgos = new Map<string, Bgo>();
  readonly #older: ReadonlySet<string>;
  readonly #afterSeq: number;
  readonly #waiting = new Set<Waiting>();
  #newestLook = 0;
  #failure: unknown = null;

  private constructor(
    options: ChatSessionOptions,
    before: { readonly older: ReadonlySet<string>; readonly lastSeq: number },
  ) {
    this.#options = options;
    this.#older = before.older;
    this.#afterSeq = before.lastSeq;
  }

  /** Resolves once events of the thread come in. */
  static async open(options: ChatSessionOptions): Promise<ChatSession> {
    const { client, threadId } = options;
    const [thread, bgos] = await Promise.all([
      client.threads.get(threadId),
      client.bgos.list({ thread: threadId, limit: 100 }),
    ]);
    const older = new Set(bgos.items.map((bgo) => bgo.id));
    const session = new ChatSession(options, { older, lastSeq: thread.lastSeq });
    await session.#follow();
    return session;
  }

  /** Posts a message and waits until the turn that answers it has ended, or waits for an approval. */
  async say(text: string): Promise<Turn> {
    const { client, threadId } = this.#options;
    const { turnId } = await client.threads.messages.create(threadId, { text, idempotencyKey: crypto.randomUUID() });
    return this.#answered(turnId);
  }

  /** Decides on the call that the agent waits with, and waits on as {@link say}. Null: nothing waits for a decision. */
  async decide(decision: JsonObject): Promise<Turn | null> {
    const { client, threadId } = this.#options;
    await this.#look();
    const open = await client.waitpoints.list({ thread: threadId, status: "open", kind: "approval" });
    const waiting = [...this.#turns.values()].find(({ status }) => status === "waiting");
    const asked = open.items.filter(({ bgoId }) => bgoId === null);
    if (waiting === undefined || asked.length === 0) return null;
    this.#turns.set(waiting.id, { ...waiting, status: "queued" });
    this.#newestLook += 1;
    for (const { id, approval } of asked) {
      await client.waitpoints.complete(id, { ...decision, argsHash: approval?.argsHash ?? "" });
    }
    return this.#answered(waiting.id);
  }

  async #answered(turnId: string): Promise<Turn> {
    await this.#until(() => hasEnded(this.#turns.get(turnId)) || this.#turns.get(turnId)?.status === "waiting");
    const turn = this.#turns.get(turnId);
    if (turn === undefined) throw new Error("A turn that had ended is not known.");
    return turn;
  }

  /** BGOs that were started since the session was opened, as they are now. */
  get bgos(): readonly Bgo[] {
    return [...this.#bgos.values()];
  }

  /** Waits until the BGOs that were started here have ended, and so have the turns that their results opened. */
  async settle(): Promise<readonly Bgo[]> {
    await this.#until(() => [...this.#bgos.values()].every((bgo) => isTerminal(bgo.status)));
    // A result and the turn it opens are committed together, so that turn can be seen now.
    await this.#look();
    await this.#until(() => [...this.#turns.values()].every(hasEnded));
    return this.bgos;
  }

  /** Everything that was written since the session was opened. */
  async messages(): Promise<readonly Message[]> {
    const { client, threadId } = this.#options;
    const messages: Message[] = [];
    for (let after: number | null = this.#afterSeq; after !== null;) {
      const page = await client.threads.messages.list(threadId, { after, limit: 100, signal: this.#closing.signal });
      messages.push(...page.items);
      after = page.nextCursor === null ? null : Number(page.nextCursor);
    }
    return messages;
  }

  close(): void {
    this.#closing.abort();
  }

  async #follow(): Promise<void> {
    const opened = Promise.withResolvers<void>();
    this.#options.client
      .subscribe({
        topics: [`thread:${this.#options.threadId}`],
        signal: this.#closing.signal,
        onEvent: (event) => this.#take(event),
        onState: (state) => {
          if (state.name === "live") {
            // Later times are after a lost connection.
            this.#look().catch((error: unknown) => this.#fail(error));
            opened.resolve();
          }
          if (state.name === "closed" && state.error !== null) {
            this.#fail(state.error);
            opened.reject(state.error);
          }
        },
      })
      .catch((error: unknown) => this.#fail(error));
    await opened.promise;
  }

  #take(event: PlatosEvent): void {
    const { view } = this.#options;
    switch (event.type) {
      case "message.delta":
        view?.delta(event);
        return;
      case "message.created":
      case "message.updated":
        view?.message(event.message);
        return;
      case "turn.started":
      case "turn.finished":
        this.#takeTurn(event.turn);
        if (event.type === "turn.finished") view?.answerEnded();
        break;
      case "bgo.created":
      case "bgo.updated":
        this.#takeBgo(event.bgo);
        break;
      // Whether a turn waits stands on its row alone.
      case "waitpoint.created":
      case "resync":
        this.#look().catch((error: unknown) => this.#fail(error));
        return;
      default:
        return;
    }
    this.#check();
  }

  #takeBgo(bgo: Bgo): void {
    if (this.#older.has(bgo.id)) return;
    const known = this.#bgos.get(bgo.id);
    if (known === undefined) this.#options.view?.spawned(bgo);
    if (known === undefined || known.rev < bgo.rev) this.#bgos.set(bgo.id, bgo);
  }

  /** What events may have been missed is on the rows. */
  async #look(): Promise<void> {
    const { client, threadId, view } = this.#options;
    const { signal } = this.#closing;
    const look = (this.#newestLook += 1);
    // The thread first: what belongs to a turn that has ended by then is found among the rest.
    const thread = await client.threads.get(threadId, { signal });
    const [bgos, messages] = await Promise.all([
      client.bgos.list({ thread: threadId, limit: 100, signal }),
      this.messages(),
    ]);
    for (const bgo of bgos.items.toReversed()) this.#takeBgo(bgo);
    for (const message of messages) view?.message(message);
    // One that was overtaken may still see a turn wait that has been decided on.
    if (look === this.#newestLook) this.#takeLatest(thread.latestTurn);
    if ([...this.#turns.values()].every(hasEnded)) view?.answerEnded();
    this.#check();
  }

  /**
   * Turns of a thread run one after the other: when the newest has begun, those before it are over. What a look calls
   * the newest may have been followed by another one since.
   */
  #takeLatest(latest: Turn | null): void {
    if (latest === null) return;
    for (const turn of this.#turns.values()) {
      const isBefore = Date.parse(turn.createdAt) < Date.parse(latest.createdAt);
      if (isBefore && latest.status !== "queued") this.#takeTurn({ ...turn, status: "completed" });
    }
    this.#takeTurn(latest);
  }

  /** An end is final: who says otherwise has looked before it. */
  #takeTurn(turn: Turn): void {
    if (!hasEnded(this.#turns.get(turn.id))) this.#turns.set(turn.id, turn);
  }

  async #until(isOver: () => boolean): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (isOver()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.add({ isOver, resolve, reject });
    await promise;
  }

  #check(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.isOver()) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  #fail(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#failure ??= error;
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting.clear();
  }
}

function hasEnded(turn: Turn | undefined): boolean {
  return turn?.status === "completed" || turn?.status === "failed";
}
