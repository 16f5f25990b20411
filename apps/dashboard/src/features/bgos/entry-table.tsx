import type { ReactElement, ReactNode } from "react";

import { Button } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import type { EntryList } from "./entry-list.ts";

export interface EntryTableProps<Entry> {
  readonly list: EntryList<Entry>;
  readonly caption: string;
  /** Said when there is no entry. */
  readonly empty: string;
  readonly columns: readonly string[];
  readonly keyOf: (entry: Entry) => string;
  /** One cell per column. */
  readonly cellsOf: (entry: Entry) => readonly ReactNode[];
}

/** A small table of log entries with its four states. */
export function EntryTable<Entry>(props: EntryTableProps<Entry>): ReactElement {
  const { list, caption, empty, columns, keyOf, cellsOf } = props;
  if (list.error !== null)
    return <ErrorPanel error={list.error} title="This could not be loaded." onRetry={list.refetch} />;
  if (list.isPending) return <SkeletonRows count={3} label={`Loading: ${caption}`} />;
  if (list.entries.length === 0) return <p className="text-sm text-ink-2">{empty}</p>;
  return (
    <div tabIndex={0} role="group" aria-label={caption} className="overflow-x-auto rounded-lg border border-line">
      <table className="w-full text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="bg-surface">
            {columns.map((name) => (
              <th key={name} scope="col" className="h-8 px-3 text-start text-xs font-medium text-ink-3">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.entries.map((entry) => (
            <tr key={keyOf(entry)} className="border-t border-line align-top">
              {cellsOf(entry).map((content, index) => (
                <td
                  key={columns[index]}
                  className={`px-3 py-1.5 tabular-nums ${content instanceof Object ? "max-w-96 min-w-0" : "whitespace-nowrap text-ink-2"}`}
                >
                  {content}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {list.hasMore && (
        <div className="border-t border-line p-2 text-center">
          <Button size="small" onClick={list.loadMore}>
            Load more
          </Button>
        </div>
      )}
    </div>
  );
}
