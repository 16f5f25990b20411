import type { ReactElement } from "react";

import { formatExact, formatRelative } from "./format-instant.ts";
import { useCoarseNowMs } from "./use-now.ts";

export function RelativeTime({ iso }: { readonly iso: string }): ReactElement {
  const nowMs = useCoarseNowMs();
  const atMs = Date.parse(iso);
  return (
    <time dateTime={iso} title={formatExact(atMs)} className="whitespace-nowrap">
      {formatRelative(atMs, nowMs)}
    </time>
  );
}
