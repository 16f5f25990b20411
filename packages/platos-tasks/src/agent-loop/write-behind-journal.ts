import type { Step } from "../core/journal.ts";
import type { Journal, JournalTotals } from "../core/ports/journal.ts";

/** How long a step may wait for another one to be committed with: too short for a person to miss it. */
const patienceMs = 250;

/**
 * A journal in which the results of pure calls may wait: for the next record, with which they commit, or for a moment,
 * and then they are written while the model thinks. A worker that dies in between makes them again, and a model that
 * answers quickly costs one commit instead of two.
 */
export class WriteBehindJournal {
  readonly #journal: Journal;
  #held: readonly Step[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Writes these soon, behind whatever is held already. */
  hold(steps: readonly Step[]): void {
    this.#held = [...this.#held, ...steps];
    this.#timer ??= setTimeout(() => {
      this.#writing = this.#write(this.discard());
      // Told to whoever records next.
      this.#writing.catch(() => undefined);
    }, patienceMs);
  }

  /** Commits what is held and these in one. */
  async record(steps: readonly Step[], doing: string): Promise<JournalTotals> {
    const held = await this.take();
    return this.#journal.record([...held, ...steps], doing);
  }

  /** Hands out what is held, for a commit that is made elsewhere. */
  async take(): Promise<readonly Step[]> {
    await this.#writing;
    return this.discard();
  }

  /** Writes what is held. */
  async settle(): Promise<void> {
    await this.#write(await this.take());
  }

  /** Forgets what is held and not being written. */
  discard(): readonly Step[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held;
    this.#held = [];
    return held;
  }

  async #write(steps: readonly Step[]): Promise<void> {
    if (steps.length > 0) await this.#journal.record(steps, "thinking");
  }
}
