import type { Status } from "@platos-tasks/client";

import type { IconName } from "./icon.tsx";

export interface StatusLook {
  readonly word: string;
  readonly icon: IconName;
  /** Text and ground of a chip. */
  readonly chip: string;
  /** Text alone. */
  readonly text: string;
  /** The edge of a card. */
  readonly edge: string;
}

/** The one place where a status gets its word, shape and colour. */
export const statusLooks: Readonly<Record<Status, StatusLook>> = {
  queued: {
    word: "Queued",
    icon: "clock",
    chip: "bg-queued-soft text-queued",
    text: "text-queued",
    edge: "border-l-queued",
  },
  scheduled: {
    word: "Scheduled",
    icon: "calendar",
    chip: "bg-scheduled-soft text-scheduled",
    text: "text-scheduled",
    edge: "border-l-scheduled",
  },
  running: {
    word: "Running",
    icon: "play",
    chip: "bg-running-soft text-running",
    text: "text-running",
    edge: "border-l-running",
  },
  waiting: {
    word: "Waiting",
    icon: "hourglass",
    chip: "bg-waiting-soft text-waiting",
    text: "text-waiting",
    edge: "border-l-waiting",
  },
  completed: {
    word: "Completed",
    icon: "check",
    chip: "bg-completed-soft text-completed",
    text: "text-completed",
    edge: "border-l-completed",
  },
  failed: {
    word: "Failed",
    icon: "cross",
    chip: "bg-failed-soft text-failed",
    text: "text-failed",
    edge: "border-l-failed",
  },
  cancelled: {
    word: "Cancelled",
    icon: "slash",
    chip: "bg-cancelled-soft text-cancelled",
    text: "text-cancelled",
    edge: "border-l-cancelled",
  },
};
