import type { Usage } from "../budget.ts";
import type { RecordedStep, Step } from "../journal.ts";

/** What stands after a commit: the row's own totals, read in the same statement. */
export interface JournalTotals {
  readonly modelCalls: number;
  readonly usage: Usage;
  readonly elapsedSeconds: number;
}

/**
 * The journal of one BGO or turn, bound to the epoch that claimed it. Each `record` is one commit. A write by a
 * superseded epoch matches no row and throws `segment.superseded`; nothing was written then.
 */
export interface Journal {
  readonly recorded: readonly RecordedStep[];
  record(steps: readonly Step[], doing: string): Promise<JournalTotals>;
}
