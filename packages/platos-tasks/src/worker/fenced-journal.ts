import { addUsage, noUsage, type Usage } from "../core/budget.ts";
import type { RecordedStep, Step } from "../core/journal.ts";
import type { Journal, JournalTotals } from "../core/ports/journal.ts";
import type { FencedOwner, StepTotals, Store } from "../core/ports/store.ts";
import { superseded } from "../operations/superseded.ts";

/** What the steps of one record add to the owner's totals. */
export function totalsOf(steps: readonly Step[]): StepTotals {
  const models = steps.flatMap((step) => (step.kind === "model" ? [step.response.usage] : []));
  return { modelCalls: models.length, usage: models.reduce<Usage>(addUsage, noUsage) };
}

/** A BGO's journal, writing under the epoch of its claim; each record is one statement. */
export function bgoJournal(store: Store, bgo: FencedOwner, recorded: readonly RecordedStep[]): Journal {
  return {
    recorded,
    async record(steps, doing): Promise<JournalTotals> {
      const totals = await store.autocommit.journal.recordForBgo(bgo, steps, totalsOf(steps), doing);
      if (totals === null) throw superseded();
      return totals;
    },
  };
}
