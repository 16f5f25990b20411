import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { useAgents } from "../../agent/list-agents.ts";
import { announce } from "../../announce/announcement.ts";
import { newMessageKey } from "../../thread/send-message.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Icon } from "../../ui/icon.tsx";
import { createSchedule } from "./create-schedule.ts";
import { emptyDraft, scheduleBody } from "./schedule-draft.ts";
import { ScheduleFields } from "./schedule-fields.tsx";
import { titleOfSchedule } from "./schedule-words.ts";

export function NewSchedule(): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button kind="primary" onClick={() => setIsOpen(true)}>
        <Icon name="plus" size={14} />
        New schedule
      </Button>
      {isOpen && (
        <Dialog title="New schedule" onClose={() => setIsOpen(false)}>
          <ScheduleForm onClose={() => setIsOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

function ScheduleForm({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [draft, setDraft] = useState(() => emptyDraft(new Intl.DateTimeFormat().resolvedOptions().timeZone));
  const { data: agents } = useAgents();
  // Until another one is chosen, the first is.
  const chosen = draft.agent === "" ? { ...draft, agent: agents?.[0]?.slug ?? "" } : draft;
  // One per draft: sent twice, it makes one schedule.
  const [key, setKey] = useState(newMessageKey);
  const queryClient = useQueryClient();
  const id = useId();
  const create = useMutation({
    mutationFn: () => createSchedule(scheduleBody(chosen, key)),
    onSuccess: (schedule) => {
      announce(`${titleOfSchedule(schedule)} is scheduled.`);
      onClose();
      // It may have made a thread.
      void queryClient.invalidateQueries({ queryKey: ["threads"] });
      return queryClient.invalidateQueries({ queryKey: ["schedules"] });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit} aria-describedby={create.error === null ? undefined : `${id}-error`}>
      <ScheduleFields
        draft={chosen}
        onChange={(next) => {
          setDraft(next);
          setKey(newMessageKey());
        }}
      />
      {create.error !== null && (
        <div id={`${id}-error`} className="mt-3">
          <ErrorPanel error={create.error} title="It was not scheduled." />
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button kind="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button kind="primary" type="submit" disabled={create.isPending}>
          {create.isPending ? "Scheduling…" : "Schedule it"}
        </Button>
      </div>
    </form>
  );
}
