import { isTerminal, titleOfBgo } from "@platos-tasks/client";
import type { Bgo } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import { useCallback } from "react";
import type { ReactElement } from "react";

import { BgoDuration } from "../../bgo/bgo-duration.tsx";
import { CancelBgoButton } from "../../bgo/cancel-bgo-button.tsx";
import { nowWords } from "../../bgo/now-words.ts";
import { useBgo } from "../../bgo/use-bgo.ts";
import { formatUsage } from "../../bgo/usage-text.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { useLive } from "../../live/live-context.ts";
import { useRows } from "../../live/use-rows.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { Button, buttonClass } from "../../ui/button.tsx";
import { StatusChip } from "../../ui/status-chip.tsx";
import { statusLooks } from "../../ui/status-look.ts";
import { bgoCardId, goToElement, resultId } from "./transcript-anchor.ts";

/** A BGO at the place in the conversation where it was started, with its state as it is now. */
export function BgoCard({ bgoId }: { readonly bgoId: string }): ReactElement {
  const { bgo, error } = useBgo(bgoId);
  if (bgo === undefined) {
    return (
      <div className="h-18 w-full rounded-lg border border-line bg-raised px-3.5 py-3 text-sm text-ink-2">
        {error === null
          ? "Starting in the background…"
          : `This background operation could not be loaded. ${error.message}`}
      </div>
    );
  }
  return (
    <article
      id={bgoCardId(bgo.id)}
      tabIndex={-1}
      aria-label={`Background operation ${titleOfBgo(bgo)}, ${statusLooks[bgo.status].word}`}
      className={`w-full scroll-my-8 overflow-hidden rounded-lg border border-l-3 border-line bg-raised ${statusLooks[bgo.status].edge}`}
    >
      <div className="flex flex-col gap-1.5 px-3.5 py-2.5">
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <BgoTitleLink bgo={bgo} />
          <StatusChip status={bgo.status} />
        </div>
        <NowLine bgo={bgo} />
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5">
          <p className="text-xs text-ink-3 tabular-nums">
            <Spent bgo={bgo} />
          </p>
          <CardActions bgo={bgo} />
        </div>
      </div>
      <ProgressBar bgo={bgo} />
      <Children bgoId={bgo.id} />
    </article>
  );
}

function BgoTitleLink({ bgo }: { readonly bgo: Bgo }): ReactElement {
  const params = useEnvParams();
  return (
    <Link
      to={`${envPath}/platos-tasks/$bgoId`}
      params={{ ...params, bgoId: bgo.id }}
      className="min-w-0 truncate text-sm font-medium underline-offset-2 hover:underline"
    >
      {titleOfBgo(bgo)}
    </Link>
  );
}

/** What it is doing right now, or why it ended; nothing when the status says it all. */
function NowLine({ bgo }: { readonly bgo: Bgo }): ReactElement | null {
  if (bgo.status === "scheduled" && bgo.runAt !== null) {
    return (
      <p className="text-sm text-ink-2">
        Runs <RelativeTime iso={bgo.runAt} />
      </p>
    );
  }
  const words = nowWords(bgo);
  if (words === null || bgo.status === "completed") return null;
  return <p className="line-clamp-2 text-sm wrap-anywhere text-ink-2">{words}</p>;
}

function Spent({ bgo }: { readonly bgo: Bgo }): ReactElement {
  const usage = formatUsage(bgo.usage);
  return (
    <>
      {bgo.startedAt === null ? "Not started" : <BgoDuration bgo={bgo} />}
      {bgo.attempt > 1 && ` · attempt ${bgo.attempt}`}
      {usage !== "" && ` · ${usage}`}
    </>
  );
}

function CardActions({ bgo }: { readonly bgo: Bgo }): ReactElement {
  const params = useEnvParams();
  return (
    <div className="-mr-1.5 flex items-center gap-1">
      <CancelBgoButton bgo={bgo} />
      {isTerminal(bgo.status) && (
        <Button size="small" kind="quiet" onClick={() => goToElement(resultId(bgo.id))}>
          To the result
        </Button>
      )}
      <Link
        to={`${envPath}/platos-tasks/$bgoId`}
        params={{ ...params, bgoId: bgo.id }}
        aria-label={`Open ${titleOfBgo(bgo)}`}
        className={buttonClass("quiet", "small")}
      >
        Open
      </Link>
    </div>
  );
}

function ProgressBar({ bgo }: { readonly bgo: Bgo }): ReactElement | null {
  const fraction = bgo.progress?.fraction;
  if (fraction === undefined || isTerminal(bgo.status)) return null;
  return (
    <div
      role="progressbar"
      aria-label={`Progress of ${titleOfBgo(bgo)}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(fraction * 100)}
      className="h-0.75 bg-sunken"
    >
      <div
        className="h-full bg-running transition-[width]"
        style={{ width: `${Math.min(1, Math.max(0, fraction)) * 100}%` }}
      />
    </div>
  );
}

/** What it started itself, folded into its card. */
function Children({ bgoId }: { readonly bgoId: string }): ReactElement | null {
  const { store } = useLive();
  const select = useCallback(
    (bgos: readonly Bgo[]) =>
      bgos.filter((bgo) => bgo.parentBgoId === bgoId).toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    [bgoId],
  );
  const children = useRows(store.bgos, select);
  if (children.length === 0) return null;
  return (
    <ul aria-label="Started by it" className="border-t border-line bg-surface px-3.5 py-1">
      {children.map((child) => (
        <li key={child.id} className="flex min-h-8 items-center gap-2">
          <StatusChip status={child.status} />
          <BgoTitleLink bgo={child} />
        </li>
      ))}
    </ul>
  );
}
