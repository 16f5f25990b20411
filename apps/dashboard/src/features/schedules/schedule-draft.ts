import type { CreateScheduleBody, MissedPolicy, OverlapPolicy } from "@platos-tasks/client";

/** A schedule as it stands in the form. */
export interface ScheduleDraft {
  readonly prompt: string;
  readonly label: string;
  /** Empty: in a new thread, with `agent`. */
  readonly threadId: string;
  readonly agent: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly overlap: OverlapPolicy;
  readonly missed: MissedPolicy;
  /** Digits, of `all` alone. */
  readonly maxMissed: string;
}

export function emptyDraft(timeZone: string): ScheduleDraft {
  return {
    prompt: "",
    label: "",
    threadId: "",
    agent: "",
    cron: "0 9 * * 1-5",
    timeZone,
    overlap: "skip",
    missed: "one",
    maxMissed: "10",
  };
}

/** What is sent; the server says what is wrong with it. */
export function scheduleBody(draft: ScheduleDraft, idempotencyKey: string): CreateScheduleBody {
  const { prompt, threadId, agent, overlap, missed } = draft;
  const label = draft.label.trim();
  return {
    ...(threadId === "" ? { agent } : { threadId }),
    prompt: prompt.trim(),
    ...(label === "" ? {} : { label }),
    cron: draft.cron.trim(),
    timeZone: draft.timeZone.trim(),
    overlap,
    missed,
    ...(missed === "all" ? { maxMissed: Number(draft.maxMissed) } : {}),
    idempotencyKey,
  };
}
