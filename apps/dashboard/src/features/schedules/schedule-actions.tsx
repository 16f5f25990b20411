import type { Schedule } from "@platos-tasks/client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactElement } from "react";

import { announce } from "../../announce/announcement.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { changeSchedule } from "./change-schedule.ts";
import type { ScheduleChange } from "./change-schedule.ts";
import { scheduleLooks, titleOfSchedule } from "./schedule-words.ts";

/** Pause, resume, cancel. The last is for good, so it is asked for twice. */
export function ScheduleActions({ schedule }: { readonly schedule: Schedule }): ReactElement | null {
  const [isAsking, setIsAsking] = useState(false);
  const queryClient = useQueryClient();
  const title = titleOfSchedule(schedule);
  const change = useMutation({
    mutationFn: (what: ScheduleChange) => changeSchedule(schedule.id, what),
    onSuccess: ({ status }) => {
      setIsAsking(false);
      announce(`${title}: ${scheduleLooks[status].word.toLowerCase()}.`);
    },
    // Refused or not: the list then says how things are.
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["schedules"] }),
  });
  if (schedule.status === "cancelled") return null;
  const toggle = schedule.status === "paused" ? "resume" : "pause";
  return (
    <div className="flex flex-wrap items-center gap-2">
      {change.error !== null && !isAsking && (
        <span role="alert" className="text-xs text-failed">
          {change.error.message}
        </span>
      )}
      <Button
        size="small"
        disabled={change.isPending}
        aria-label={`${toggle === "resume" ? "Resume" : "Pause"} ${title}`}
        onClick={() => change.mutate(toggle)}
      >
        {toggle === "resume" ? "Resume" : "Pause"}
      </Button>
      <Button size="small" kind="danger" aria-label={`Cancel ${title}`} onClick={() => setIsAsking(true)}>
        Cancel…
      </Button>
      {isAsking && (
        <Dialog title="Cancel this schedule?" onClose={() => setIsAsking(false)}>
          <p className="text-sm wrap-anywhere">
            “{title}” never fires again. What is at work goes on, what waits for that is cancelled. This cannot be
            undone.
          </p>
          {change.error !== null && (
            <p role="alert" className="mt-3 text-sm text-failed">
              {change.error.message}
            </p>
          )}
          <div className="mt-5 flex justify-end gap-2">
            <Button kind="quiet" onClick={() => setIsAsking(false)}>
              Keep it
            </Button>
            <Button kind="danger" disabled={change.isPending} onClick={() => change.mutate("cancel")}>
              {change.isPending ? "Cancelling…" : "Cancel the schedule"}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
