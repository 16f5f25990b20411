/** The seven statuses of a BGO, in the order lists and filters show them. */
export const statuses = ["queued", "scheduled", "running", "waiting", "completed", "failed", "cancelled"] as const;

export type Status = (typeof statuses)[number];

export type TerminalStatus = "completed" | "failed" | "cancelled";

const terminal: Readonly<Record<Status, boolean>> = {
  queued: false,
  scheduled: false,
  running: false,
  waiting: false,
  completed: true,
  failed: true,
  cancelled: true,
};

export const terminalStatuses: readonly Status[] = statuses.filter((status) => terminal[status]);

export const activeStatuses: readonly Status[] = statuses.filter((status) => !terminal[status]);

/** A terminal status is one that nothing leaves. */
export function isTerminal(status: Status): status is TerminalStatus {
  return terminal[status];
}

export function isStatus(word: unknown): word is Status {
  return typeof word === "string" && Object.hasOwn(terminal, word);
}
