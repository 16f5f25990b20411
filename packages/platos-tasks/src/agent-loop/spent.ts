import type { Spent } from "../core/budget.ts";
import { type Step, usageOfSteps } from "../core/journal.ts";

/** What a journal has used, before its row has told the totals. */
export function spentIn(steps: readonly Step[], seconds: number): Spent {
  const { modelCalls, usage } = usageOfSteps(steps);
  return { turns: modelCalls, usage, seconds };
}
