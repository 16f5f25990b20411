import type { WaitpointKind, WaitpointStatus } from "@platos-tasks/client";

import type { IconName } from "../ui/icon.tsx";

export interface WaitLook {
  readonly word: string;
  readonly icon: IconName;
  /** Text and ground of a chip. */
  readonly chip: string;
}

/** The one place where a state of a wait gets its word, shape and colour. */
export const waitLooks: Readonly<Record<WaitpointStatus, WaitLook>> = {
  open: { word: "Open", icon: "hourglass", chip: "bg-waiting-soft text-waiting" },
  completed: { word: "Answered", icon: "check", chip: "bg-completed-soft text-completed" },
  failed: { word: "Failed", icon: "cross", chip: "bg-failed-soft text-failed" },
  timed_out: { word: "Timed out", icon: "clock", chip: "bg-queued-soft text-queued" },
  cancelled: { word: "Called off", icon: "slash", chip: "bg-cancelled-soft text-cancelled" },
};

export const waitKindWords: Readonly<Record<WaitpointKind, string>> = {
  reply: "Reply in the thread",
  token: "Answer from outside",
  time: "Time",
  bgo: "Another BGO",
  approval: "Approval",
};
