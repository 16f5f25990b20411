import type { RecordedStep } from "../core/journal.ts";
import type { Journal, JournalTotals } from "../core/ports/journal.ts";
import type { FencedOwner, Store } from "../core/ports/store.ts";
import { superseded } from "../operations/superseded.ts";

/** A BGO's journal, writing under the epoch of its claim; each record is one statement. */
export function bgoJournal(
  store: Store,
  bgo: FencedOwner,
  of: { readonly recorded: readonly RecordedStep[]; readonly onProgress: () => void },
): Journal {
  return {
    recorded: of.recorded,
    async record(steps, doing): Promise<JournalTotals> {
      const totals = await store.autocommit.journal.recordForBgo(bgo, steps, doing);
      if (totals === null) throw superseded();
      of.onProgress();
      return totals;
    },
  };
}
