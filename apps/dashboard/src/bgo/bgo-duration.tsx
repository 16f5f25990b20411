import type { Bgo } from "@platos-tasks/client";
import { isTerminal } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { formatDuration, formatElapsed } from "../time/format-duration.ts";
import { useNowMs } from "../time/use-now.ts";

/** How long it ran, or has been running; a dash before it started. */
export function BgoDuration({ bgo }: { readonly bgo: Bgo }): ReactElement {
  if (bgo.startedAt === null) return <span aria-label="not started">–</span>;
  const startMs = Date.parse(bgo.startedAt);
  if (bgo.finishedAt !== null) return <>{formatDuration(Date.parse(bgo.finishedAt) - startMs)}</>;
  return isTerminal(bgo.status) ? <>–</> : <Elapsed sinceMs={startMs} />;
}

/** A running clock. Only this text is drawn again each second. */
export function Elapsed({ sinceMs }: { readonly sinceMs: number }): ReactElement {
  const nowMs = useNowMs();
  return <span role="timer">{formatElapsed(nowMs - sinceMs)}</span>;
}
