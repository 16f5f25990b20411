import type { Bgo } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { formatClock } from "../../time/format-instant.ts";
import { actorWords } from "../../ui/actor-words.ts";
import { EntryTable } from "./entry-table.tsx";
import { useAudit } from "./list-audit.ts";

/** Who did what to this BGO, in order. */
export function AuditTable({ bgo }: { readonly bgo: Bgo }): ReactElement {
  const list = useAudit(bgo);
  return (
    <EntryTable
      list={list}
      caption="Audit entries, oldest first"
      empty="No entry yet."
      columns={["At", "Who", "Did", "Details"]}
      keyOf={(entry) => entry.id}
      cellsOf={(entry) => [
        <time key="at" className="whitespace-nowrap" dateTime={entry.at} title={entry.at}>
          {formatClock(Date.parse(entry.at))}
        </time>,
        <span key="who" title={entry.actor.id ?? undefined}>
          {actorWords[entry.actor.type]}
        </span>,
        <span key="did" className="font-mono text-xs">
          {entry.action}
        </span>,
        <span key="details" className="font-mono text-xs wrap-anywhere text-ink-2">
          {Object.keys(entry.details).length === 0 ? "" : JSON.stringify(entry.details)}
        </span>,
      ]}
    />
  );
}
