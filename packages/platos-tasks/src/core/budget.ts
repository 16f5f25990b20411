/** Limits of one BGO. Absent means the default below, where there is one. */
export interface Budget {
  readonly maxTurns?: number;
  /** Input plus output tokens. */
  readonly maxTokens?: number;
  readonly maxCostUsd?: number;
  /** Wall time from the first start, waits included. */
  readonly maxDurationSeconds?: number;
}

/** Every loop ends: a BGO that names no `maxTurns` gets this many model calls. */
export const defaultMaxTurns = 50;

/** What is left of a request once it is held within given limits: the smaller of the two, limit by limit. */
export function withinBudget(requested: Budget, limits: Budget): Budget {
  const names = ["maxTurns", "maxTokens", "maxCostUsd", "maxDurationSeconds"] as const;
  return Object.fromEntries(
    names.flatMap((name) => {
      const given = [requested[name], limits[name]].filter((limit) => limit !== undefined);
      return given.length === 0 ? [] : [[name, Math.min(...given)]];
    }),
  );
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null while any step's price is unknown. */
  readonly costUsd: number | null;
}

export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, costUsd: 0 };

export function addUsage(left: Usage, right: Usage): Usage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    costUsd: left.costUsd === null || right.costUsd === null ? null : left.costUsd + right.costUsd,
  };
}

export interface Spent {
  readonly turns: number;
  readonly usage: Usage;
  readonly seconds: number;
}

/** The first limit that leaves no room for another model call, or null. The text is shown to people. */
export function exhaustedLimit(budget: Budget, spent: Spent): string | null {
  const maxTurns = budget.maxTurns ?? defaultMaxTurns;
  if (spent.turns >= maxTurns) return `its ${maxTurns} model calls`;
  const tokens = spent.usage.inputTokens + spent.usage.outputTokens;
  if (budget.maxTokens !== undefined && tokens >= budget.maxTokens) return `its ${budget.maxTokens} tokens`;
  const { costUsd } = spent.usage;
  if (budget.maxCostUsd !== undefined) {
    // A limit that cannot be checked is one that is reached: money must not run on unseen.
    if (costUsd === null) return `its budget of $${budget.maxCostUsd} (the price of its model is not known)`;
    if (costUsd >= budget.maxCostUsd) return `its budget of $${budget.maxCostUsd}`;
  }
  if (budget.maxDurationSeconds !== undefined && spent.seconds >= budget.maxDurationSeconds) {
    return `its ${budget.maxDurationSeconds} seconds`;
  }
  return null;
}
