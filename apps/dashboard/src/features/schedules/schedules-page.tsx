import { useState } from "react";
import type { ReactElement } from "react";

import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { useSchedules } from "./list-schedules.ts";
import { NewSchedule } from "./new-schedule.tsx";
import { ScheduleCard } from "./schedule-card.tsx";

export function SchedulesPage(): ReactElement {
  const [withCancelled, setWithCancelled] = useState(false);
  const list = useSchedules(withCancelled);
  const schedules = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader title="Schedules" actions={<NewSchedule />} />
      <div className="relative min-h-0 flex-1 overflow-y-auto">
        <div className="mx-auto flex max-w-4xl flex-col gap-3 p-4">
          <label className="flex min-h-6 items-center gap-2 self-end text-xs text-ink-2">
            <input
              type="checkbox"
              checked={withCancelled}
              onChange={({ target }) => setWithCancelled(target.checked)}
              className="size-4 accent-(--accent)"
            />
            Show cancelled ones
          </label>
          {list.error !== null && (
            <ErrorPanel
              error={list.error}
              title="The schedules could not be loaded."
              onRetry={() => void list.refetch()}
            />
          )}
          {list.isPending && <SkeletonRows count={4} label="Loading schedules" />}
          {list.data !== undefined && schedules.length === 0 && (
            <EmptyState icon="calendar" title="No schedules" action={<NewSchedule />}>
              A schedule starts a background operation again and again, at the hours you say. Agents make them too, with{" "}
              <code className="font-mono text-xs">create_schedule</code>.
            </EmptyState>
          )}
          {schedules.length > 0 && (
            <ul aria-label="Schedules, newest first" className="flex flex-col gap-3">
              {schedules.map((schedule) => (
                <ScheduleCard key={schedule.id} schedule={schedule} />
              ))}
            </ul>
          )}
          {list.hasNextPage && (
            <Button
              className="self-center"
              onClick={() => void list.fetchNextPage()}
              disabled={list.isFetchingNextPage}
            >
              {list.isFetchingNextPage ? "Loading…" : "Load more"}
            </Button>
          )}
        </div>
      </div>
    </>
  );
}
