import type {
  FireOutcome,
  MissedPolicy,
  OverlapPolicy,
  Schedule,
  ScheduleFire,
  ScheduleStatus,
} from "@platos-tasks/client";
import { titleOfBgo } from "@platos-tasks/client";

import type { IconName } from "../../ui/icon.tsx";

export interface ScheduleLook {
  readonly word: string;
  readonly icon: IconName;
  /** Text and ground of a chip. */
  readonly chip: string;
}

export const scheduleLooks: Readonly<Record<ScheduleStatus, ScheduleLook>> = {
  active: { word: "Active", icon: "calendar", chip: "bg-scheduled-soft text-scheduled" },
  paused: { word: "Paused", icon: "hourglass", chip: "bg-queued-soft text-queued" },
  cancelled: { word: "Cancelled", icon: "slash", chip: "bg-cancelled-soft text-cancelled" },
};

/** What happens to a fire while a BGO of an earlier one is live. */
export const overlapWords: Readonly<Record<OverlapPolicy, string>> = {
  skip: "Leave it out",
  queue: "Start it afterwards",
  parallel: "Start it beside the other",
};

/** What happens to fires that nobody was there to start. */
export const missedWords: Readonly<Record<MissedPolicy, string>> = {
  skip: "Leave them out",
  one: "Make up for the latest",
  all: "Make up for each",
};

export const outcomeWords: Readonly<Record<FireOutcome, string>> = {
  spawned: "Started",
  skipped: "Left out: an earlier one was live",
  missed: "Missed: nobody was there to start it",
  refused: "Refused",
};

/** As a BGO of it is called. */
export function titleOfSchedule(schedule: Pick<Schedule, "label" | "prompt">): string {
  return titleOfBgo(schedule);
}

/** What became of a fire: its outcome, for how many instants, and why. */
export function fireWords({ outcome, count, reason }: Pick<ScheduleFire, "outcome" | "count" | "reason">): string {
  const times = count === 1 ? "" : ` (${count === null ? "many" : count} times)`;
  return `${outcomeWords[outcome]}${times}${reason === null ? "" : `: ${reason}`}`;
}
