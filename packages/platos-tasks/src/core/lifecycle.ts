/**
 * The status machine of a BGO. API, SQL, UI and tests derive from this table; nothing else decides what may follow what.
 */
export const statuses = ["scheduled", "queued", "running", "waiting", "completed", "failed", "cancelled"] as const;

export type Status = (typeof statuses)[number];

export const transitions = {
  scheduled: ["queued", "cancelled"],
  queued: ["running", "cancelled", "failed"],
  // `running → running` is a takeover: the lease was lost and another worker goes on under a higher epoch.
  running: ["running", "waiting", "queued", "completed", "failed", "cancelled"],
  waiting: ["queued", "cancelled", "failed"],
  completed: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<Status, readonly Status[]>;

export type TerminalStatus = "completed" | "failed" | "cancelled";

export const initialStatuses = ["queued", "scheduled"] as const satisfies readonly Status[];

export const terminalStatuses = statuses.filter(isTerminal);

export const activeStatuses = statuses.filter((status) => !isTerminal(status));

/** A terminal status is one that nothing leaves. */
export function isTerminal(status: Status): status is TerminalStatus {
  return transitions[status].length === 0;
}

export function canTransition(from: Status, to: Status): boolean {
  return (transitions[from] as readonly Status[]).includes(to);
}

/** Every status from which `to` may be reached. */
export function sourcesOf(to: Status): readonly Status[] {
  return statuses.filter((from) => canTransition(from, to));
}

/** The kind of terminal message that each terminal status writes, exactly once. */
export const terminalMessageKind = {
  completed: "bgo_completed",
  failed: "bgo_failed",
  cancelled: "bgo_cancelled",
} as const satisfies Record<TerminalStatus, string>;

/** What a cancel really did. `cancelled` only when this very call stopped the BGO. */
export type CancelOutcome = "cancelled" | "already_completed" | "already_failed" | "already_cancelled";

export function cancelOutcomeOf(recorded: TerminalStatus): CancelOutcome {
  return `already_${recorded}`;
}
