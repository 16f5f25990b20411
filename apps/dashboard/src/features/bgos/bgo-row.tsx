import { titleOfBgo } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { ReactElement } from "react";

import { BgoDuration } from "../../bgo/bgo-duration.tsx";
import { nowWords } from "../../bgo/now-words.ts";
import { formatCost, formatTokens } from "../../bgo/usage-text.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { useLive } from "../../live/live-context.ts";
import { useRow } from "../../live/use-rows.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { StatusChip } from "../../ui/status-chip.tsx";

export interface BgoRowProps {
  readonly bgoId: string;
  readonly threadTitles: ReadonlyMap<string, string>;
  /** It no longer matches the filter and is about to go. */
  readonly leaving: boolean;
}

const line = "h-11 border-b border-line";
const cell = `${line} px-3`;
const number = "text-end text-ink-2 tabular-nums whitespace-nowrap";

/** Listens to its own BGO alone: an event draws one row. */
export const BgoRow: React.MemoExoticComponent<typeof Row> = memo(Row);

function Row({ bgoId, threadTitles, leaving }: BgoRowProps): ReactElement | null {
  const { store } = useLive();
  const bgo = useRow(store.bgos, bgoId);
  const params = useEnvParams();
  if (bgo === undefined) return null;
  const title = titleOfBgo(bgo);
  const reason = nowWords(bgo);
  return (
    <tr className={`relative transition-opacity hover:bg-hover ${leaving ? "opacity-55" : ""}`}>
      <td className={`${line} pr-3 pl-4`}>
        <div className="flex min-w-0 items-center gap-2">
          <StatusChip status={bgo.status} />
          {reason !== null && (
            <span className="hidden truncate text-xs text-ink-3 sm:block" title={reason}>
              {reason}
            </span>
          )}
        </div>
      </td>
      <td className={cell}>
        <Link
          to={`${envPath}/platos-tasks/$bgoId`}
          params={{ ...params, bgoId }}
          className="block truncate font-medium after:absolute after:inset-0"
        >
          {title}
        </Link>
      </td>
      <td className={`${cell} hidden truncate xl:table-cell`}>
        <Link
          to={`${envPath}/threads/$threadId`}
          params={{ ...params, threadId: bgo.threadId }}
          className="relative z-[1] text-ink-2 underline-offset-2 hover:text-ink hover:underline"
        >
          {threadTitles.get(bgo.threadId) ?? "Thread"}
        </Link>
      </td>
      <td className={`${cell} ${number} hidden md:table-cell`}>
        {bgo.startedAt === null ? "–" : <RelativeTime iso={bgo.startedAt} />}
      </td>
      <td className={`${cell} ${number} hidden sm:table-cell`}>
        <BgoDuration bgo={bgo} />
      </td>
      <td className={`${cell} ${number} hidden xl:table-cell`}>{bgo.attempt}</td>
      <td className={`${cell} ${number} hidden lg:table-cell`}>{formatTokens(bgo.usage)}</td>
      <td className={`${line} ${number} hidden pr-4 pl-3 lg:table-cell`}>{formatCost(bgo.usage.costUsd)}</td>
    </tr>
  );
}
