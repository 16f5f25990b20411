import { addUsage, noUsage, type Spent, type Usage } from "../core/budget.ts";
import type { Step } from "../core/journal.ts";

/** What a journal has used, before its row has told the totals. */
export function spentIn(steps: readonly Step[], seconds: number): Spent {
  let usage: Usage = noUsage;
  let turns = 0;
  for (const step of steps) {
    if (step.kind !== "model") continue;
    turns += 1;
    usage = addUsage(usage, step.response.usage);
  }
  return { turns, usage, seconds };
}
