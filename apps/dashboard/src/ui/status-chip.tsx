import type { Status } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { Icon } from "./icon.tsx";
import { statusLooks } from "./status-look.ts";

/** Icon, word and colour together: none of them alone carries the status. */
export function StatusChip({ status }: { readonly status: Status }): ReactElement {
  const look = statusLooks[status];
  return (
    <span
      className={`inline-flex h-5.5 shrink-0 items-center gap-1 rounded-md border border-transparent px-1.5 text-xs font-medium whitespace-nowrap ${look.chip}`}
    >
      <Icon name={look.icon} size={12} />
      {look.word}
    </span>
  );
}
