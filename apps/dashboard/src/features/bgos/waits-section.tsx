import type { Bgo, Waitpoint } from "@platos-tasks/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import type { ReactElement } from "react";

import { useLive } from "../../live/live-context.ts";
import { useRow, useRows } from "../../live/use-rows.ts";
import { formatMoment } from "../../time/format-instant.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { JsonBlock } from "../../ui/json-block.tsx";
import { bgoWaitsQuery } from "../../wait/list-waits.ts";
import { sortKey } from "../../wait/needs-you.ts";
import { WaitBody } from "../../wait/wait-body.tsx";
import { WaitChip } from "../../wait/wait-chip.tsx";
import { waitKindWords, waitLooks } from "../../wait/wait-look.ts";
import { Section } from "./section.tsx";

/** What it waits and waited for, newest first, each with what ends it. Absent when it never waited. */
export function WaitsSection({ bgo }: { readonly bgo: Bgo }): ReactElement | null {
  const { store } = useLive();
  // A token that it takes up was not its own before: the list is read again when it begins to wait.
  const query = useQuery({ ...bgoWaitsQuery(store, bgo.id, bgo.status), placeholderData: keepPreviousData });
  const select = useCallback((waitpoints: readonly Waitpoint[]) => waitsOf(waitpoints, bgo.id), [bgo.id]);
  const ids = useRows(store.waitpoints, select);
  if (query.error === null && ids.length === 0) return null;
  return (
    <Section title="Waits">
      {query.error !== null && (
        <ErrorPanel
          error={query.error}
          title="What it waits for could not be loaded."
          onRetry={() => void query.refetch()}
        />
      )}
      <ol className="flex flex-col gap-2">
        {ids.map((id) => (
          <WaitEntry key={id} waitpointId={id} />
        ))}
      </ol>
    </Section>
  );
}

function waitsOf(waitpoints: readonly Waitpoint[], bgoId: string): readonly string[] {
  return waitpoints
    .filter((waitpoint) => waitpoint.bgoId === bgoId)
    .toSorted((left, right) => (sortKey(left) < sortKey(right) ? 1 : -1))
    .map(({ id }) => id);
}

function WaitEntry({ waitpointId }: { readonly waitpointId: string }): ReactElement | null {
  const { store } = useLive();
  const waitpoint = useRow(store.waitpoints, waitpointId);
  if (waitpoint === undefined) return null;
  const isOpen = waitpoint.status === "open";
  return (
    <li
      className={`flex flex-col gap-3 rounded-lg border border-l-3 border-line bg-raised px-3.5 py-3 ${isOpen ? "border-l-waiting" : "border-l-line-strong"}`}
    >
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-3">
        <span className="font-semibold text-ink">{waitKindWords[waitpoint.kind]}</span>
        {isOpen && <WaitChip look={waitLooks.open} />}
        <span className="tabular-nums">
          since <RelativeTime iso={waitpoint.createdAt} />
          {isOpen && (
            <>
              {" · until "}
              <RelativeTime iso={waitpoint.expiresAt} /> ({formatMoment(Date.parse(waitpoint.expiresAt))})
            </>
          )}
        </span>
      </p>
      {waitpoint.question !== null && <p className="text-sm wrap-anywhere whitespace-pre-wrap">{waitpoint.question}</p>}
      {waitpoint.approval !== null && (
        <JsonBlock value={waitpoint.approval.args} label={`Arguments of ${waitpoint.approval.tool}`} />
      )}
      <WaitBody waitpoint={waitpoint} view="operator" />
    </li>
  );
}
