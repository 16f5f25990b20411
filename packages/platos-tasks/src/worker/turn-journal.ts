import type { RecordedStep, Step } from "../core/journal.ts";
import type { Journal } from "../core/ports/journal.ts";
import type { ClaimedTurn } from "../core/ports/store.ts";
import type { OperationContext } from "../operations/context.ts";
import { recordAnswer } from "../operations/record-answer.ts";
import { superseded } from "../operations/superseded.ts";

export interface TurnJournal extends Journal {
  /** Everything that is recorded by now. */
  readonly steps: readonly Step[];
}

/** A turn's journal: each record also brings the message of its answer up to date. */
export function turnJournal(ctx: OperationContext, turn: ClaimedTurn, recorded: readonly RecordedStep[]): TurnJournal {
  const before: Step[] = recorded.map(({ step }) => step);
  return {
    recorded,
    steps: before,
    async record(added) {
      const totals = await recordAnswer(ctx, turn, { before, added });
      if (totals === null) throw superseded();
      before.push(...added);
      return totals;
    },
  };
}
