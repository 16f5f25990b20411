import type { ReactElement } from "react";

import { formatAge } from "../../time/format-duration.ts";
import { useNowMs } from "../../time/use-now.ts";
import { Icon } from "../../ui/icon.tsx";
import type { Activity } from "./thread-bgos.ts";

/** Stays above the composer while anything works in the background: the chat never looks idle when it is not. */
export function ActivityRow({ activity }: { readonly activity: Activity }): ReactElement {
  return (
    <p className="flex items-center gap-1.5 px-1 pb-1.5 text-xs text-ink-2 tabular-nums">
      <Icon name="layers" size={14} className="text-running" />
      <span>
        {activity.parts.join(" · ")}
        {Number.isFinite(activity.oldestMs) && <Oldest sinceMs={activity.oldestMs} />}
      </span>
    </p>
  );
}

function Oldest({ sinceMs }: { readonly sinceMs: number }): ReactElement {
  const nowMs = useNowMs();
  return <span className="text-ink-3"> · oldest {formatAge(nowMs - sinceMs)}</span>;
}
