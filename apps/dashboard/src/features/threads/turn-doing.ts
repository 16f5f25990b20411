import type { Turn } from "@platos-tasks/client";

import { isOver } from "../../live/live-store.ts";

/** What an answer that is not there yet is at. */
export type TurnDoing = "queued" | "thinking" | "waiting";

/** The turn that is at work or waits, else the one that comes next, else the one that came last. */
export function newestTurn(turns: readonly Turn[], threadId: string): Turn | null {
  const own = turns.filter((turn) => turn.threadId === threadId);
  const open = own.filter((turn) => !isOver(turn)).toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const holding = open.find((turn) => turn.status === "running" || turn.status === "waiting") ?? open[0];
  return holding ?? own.toSorted((left, right) => (left.id < right.id ? 1 : -1))[0] ?? null;
}

/** Null: it is over. No event tells that a turn began to wait, the approval that it asks for does. */
export function turnDoing(turn: Pick<Turn, "status">, isAsking: boolean): TurnDoing | null {
  switch (turn.status) {
    case "queued":
      return "queued";
    case "running":
      return isAsking ? "waiting" : "thinking";
    case "waiting":
      return isAsking ? "waiting" : "queued";
    case "completed":
    case "failed":
      return null;
  }
}
