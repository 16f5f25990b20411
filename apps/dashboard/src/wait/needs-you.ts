import type { Waitpoint } from "@platos-tasks/client";

/** What waits for the people at this dashboard: their word in a thread, or their approval of a call. */
export function needsYou({ status, kind }: Pick<Waitpoint, "status" | "kind">): boolean {
  return status === "open" && (kind === "reply" || kind === "approval");
}

export interface NeedsYou {
  readonly bgoIds: ReadonlySet<string>;
  readonly threadIds: ReadonlySet<string>;
}

/** Whose BGOs wait for you, and in which threads. */
export function needsYouOf(waitpoints: readonly Waitpoint[]): NeedsYou {
  const needing = waitpoints.filter(needsYou);
  return {
    bgoIds: new Set(needing.flatMap(({ bgoId }) => bgoId ?? [])),
    threadIds: new Set(needing.flatMap(({ threadId }) => threadId ?? [])),
  };
}

/** The question that the next message in a thread answers: the oldest open one, as the server chooses. */
export function nextQuestion(waitpoints: readonly Waitpoint[], threadId: string): Waitpoint | null {
  const asking = waitpoints.filter(
    (each) => each.threadId === threadId && each.status === "open" && each.kind === "reply",
  );
  return asking.toSorted((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1))[0] ?? null;
}

/** The open approvals that the thread's own answer waits for, oldest first. A message instead of a decision denies them. */
export function turnApprovals(waitpoints: readonly Waitpoint[], threadId: string): readonly Waitpoint[] {
  return waitpoints
    .filter((each) => each.threadId === threadId && each.bgoId === null && each.kind === "approval" && needsYou(each))
    .toSorted((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

/** Orders as the server does: by creation, then by id. */
export function sortKey({ createdAt, id }: Pick<Waitpoint, "createdAt" | "id">): string {
  return `${createdAt} ${id}`;
}
