import type { Schedule, ScheduleFire } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { useAgentName } from "../../agent/list-agents.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { useThreadTitles } from "../../thread/list-threads.ts";
import { formatMoment } from "../../time/format-instant.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { Icon } from "../../ui/icon.tsx";
import { ScheduleActions } from "./schedule-actions.tsx";
import { fireWords, missedWords, overlapWords, scheduleLooks, titleOfSchedule } from "./schedule-words.ts";

/** One schedule: when it fires, in its own zone, and what it does then. */
export function ScheduleCard({ schedule }: { readonly schedule: Schedule }): ReactElement {
  const look = scheduleLooks[schedule.status];
  const [next] = schedule.nextFires;
  return (
    <li className="flex flex-col gap-2 rounded-lg border border-line bg-raised px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <h2 className="min-w-0 truncate text-sm font-semibold">{titleOfSchedule(schedule)}</h2>
        <span
          className={`inline-flex h-5.5 shrink-0 items-center gap-1 rounded-md px-1.5 text-xs font-medium ${look.chip}`}
        >
          <Icon name={look.icon} size={12} />
          {look.word}
        </span>
        <div className="ml-auto">
          <ScheduleActions schedule={schedule} />
        </div>
      </div>
      <p className="text-sm">
        <code className="font-mono text-xs">{schedule.cron}</code>{" "}
        <span className="text-ink-2">in {schedule.timeZone}</span>
        {next !== undefined && (
          <span className="tabular-nums">
            {" · next "}
            <RelativeTime iso={next} />, {formatMoment(Date.parse(next), schedule.timeZone)}
          </span>
        )}
      </p>
      {schedule.reason !== null && <p className="text-sm wrap-anywhere text-ink-2">{schedule.reason}</p>}
      <Origin schedule={schedule} />
      <Details schedule={schedule} />
    </li>
  );
}

function Origin({ schedule }: { readonly schedule: Schedule }): ReactElement {
  const params = useEnvParams();
  const agent = useAgentName(schedule.agentId);
  const titles = useThreadTitles();
  return (
    <p className="text-xs text-ink-3">
      {agent} in{" "}
      <Link
        to={`${envPath}/threads/$threadId`}
        params={{ ...params, threadId: schedule.threadId }}
        className="text-ink-2 underline underline-offset-2 hover:text-ink"
      >
        {titles.get(schedule.threadId) ?? "its thread"}
      </Link>
    </p>
  );
}

function Details({ schedule }: { readonly schedule: Schedule }): ReactElement {
  const { nextFires, recentFires, timeZone, overlap, missed, maxMissed } = schedule;
  return (
    <details className="group">
      <summary className="inline-flex min-h-6 items-center gap-1 text-xs text-ink-2 hover:text-ink">
        <Icon name="chevron-right" size={12} className="transition-transform group-open:rotate-90" />
        Prompt, next and latest fires
        <span className="sr-only"> of {titleOfSchedule(schedule)}</span>
      </summary>
      <div className="mt-2 flex flex-col gap-3 text-sm">
        <p className="rounded-md border border-line bg-surface px-3 py-2 wrap-anywhere whitespace-pre-wrap">
          {schedule.prompt}
        </p>
        <div className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
          <Times title="Next fires" empty="It does not fire.">
            {nextFires.map((at) => (
              <li key={at}>
                <time dateTime={at}>{formatMoment(Date.parse(at), timeZone)}</time>
              </li>
            ))}
          </Times>
          <Times title="Latest fires" empty="It has not fired yet.">
            {recentFires.map((fire) => (
              <FireRow key={fire.at} fire={fire} timeZone={timeZone} />
            ))}
          </Times>
        </div>
        <p className="text-xs text-ink-2">
          While an earlier one is live: {overlapWords[overlap].toLowerCase()}. Missed fires:{" "}
          {missedWords[missed].toLowerCase()}
          {missed === "all" && `, the newest ${maxMissed}`}.
        </p>
      </div>
    </details>
  );
}

interface TimesProps {
  readonly title: string;
  readonly empty: string;
  readonly children: readonly ReactElement[];
}

function Times({ title, empty, children }: TimesProps): ReactElement {
  return (
    <section>
      <h3 className="mb-1 text-xs font-medium text-ink-3">{title}</h3>
      {children.length === 0 ? (
        <p className="text-xs text-ink-2">{empty}</p>
      ) : (
        <ol className="flex flex-col gap-1 text-xs tabular-nums">{children}</ol>
      )}
    </section>
  );
}

function FireRow({ fire, timeZone }: { readonly fire: ScheduleFire; readonly timeZone: string }): ReactElement {
  const params = useEnvParams();
  return (
    <li className="wrap-anywhere">
      <time dateTime={fire.at}>{formatMoment(Date.parse(fire.at), timeZone)}</time>
      <span className={fire.outcome === "spawned" ? "text-ink-2" : "text-queued"}>
        {" · "}
        {fire.bgoId === null ? (
          fireWords(fire)
        ) : (
          <Link
            to={`${envPath}/platos-tasks/$bgoId`}
            params={{ ...params, bgoId: fire.bgoId }}
            className="underline underline-offset-2 hover:text-ink"
          >
            {fireWords(fire)}
          </Link>
        )}
      </span>
    </li>
  );
}
