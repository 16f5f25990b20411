import type {
  BgoRow,
  BgoTransition,
  ClaimedTurn,
  FencedOwner,
} from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { StoreEvent } from "./store-recorder.ts";

type Statement = Extract<StoreEvent, { kind: "statement" }>;

/**
 * I6, whatever the statements themselves check: every claim raises the epoch, and no process writes to what a higher
 * epoch than its own has claimed. Decided from what was committed, in that order.
 */
export function checkFences(events: readonly StoreEvent[]): readonly string[] {
  const fences = new Fences();
  const open = new Map<number, Statement[]>();
  for (const event of events) {
    if (event.kind === "statement") {
      const statements = open.get(event.transaction) ?? [];
      statements.push(event);
      open.set(event.transaction, statements);
    } else if (event.kind === "commit") {
      for (const statement of open.get(event.transaction) ?? []) fences.look(statement);
    }
  }
  return fences.broken;
}

class Fences {
  readonly broken: string[] = [];
  /** By owner: the highest epoch that was claimed. */
  readonly #epochs = new Map<string, number>();
  /** By process and owner: the epoch under which it holds it, or last held it. */
  readonly #held = new Map<string, number>();

  look({ fiber, name, args, result }: Statement): void {
    if (result === null || result === false) return;
    if (name === "bgos.transition") this.#lookAtTransition(fiber, args[0] as BgoTransition, result as BgoRow);
    if (name === "turns.claim") this.#claim(fiber, result as ClaimedTurn);
    if (fenced.has(name)) this.#write(fiber, (args[0] as FencedOwner).id, name);
  }

  #lookAtTransition(fiber: string, { actor, changes, guard }: BgoTransition, row: BgoRow): void {
    const claims = row.status === "running";
    if (claims && changes.started === true) this.#claim(fiber, row);
    // A segment that was delivered may be given up without having been claimed; a cancel needs no claim at all.
    else if (actor.type === "worker" && (guard === "any" || !("segmentId" in guard)))
      this.#write(fiber, row.id, row.status);
  }

  #claim(fiber: string, { id, epoch }: { readonly id: string; readonly epoch: number }): void {
    const before = this.#epochs.get(id) ?? 0;
    if (epoch <= before) this.broken.push(`I6: ${id} was claimed under epoch ${epoch} after epoch ${before}`);
    this.#epochs.set(id, epoch);
    this.#held.set(`${fiber} ${id}`, epoch);
  }

  #write(fiber: string, id: string, what: string): void {
    const held = this.#held.get(`${fiber} ${id}`);
    const epoch = this.#epochs.get(id) ?? 0;
    if (held === undefined || held >= epoch) return;
    this.broken.push(`I6: ${fiber} wrote ${what} to ${id} under epoch ${held}, which is at epoch ${epoch}`);
  }
}

const fenced = new Set([
  "journal.recordForBgo",
  "journal.recordForTurn",
  "bgos.annotate",
  "turns.finish",
  "turns.release",
]);
