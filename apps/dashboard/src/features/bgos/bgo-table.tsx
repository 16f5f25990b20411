import type { ReactElement } from "react";

import { useThreadTitles } from "../../thread/list-threads.ts";
import { BgoRow } from "./bgo-row.tsx";

export interface BgoTableProps {
  readonly ids: readonly string[];
  readonly lingering: ReadonlySet<string>;
}

const head = "sticky top-0 z-[2] h-9 border-b border-line bg-surface text-xs font-medium text-ink-3";

export function BgoTable({ ids, lingering }: BgoTableProps): ReactElement {
  const titles = useThreadTitles();
  return (
    <table className="w-full table-fixed border-separate border-spacing-0 text-sm">
      <caption className="sr-only">Background operations, newest first</caption>
      <thead>
        <tr>
          <th scope="col" className={`${head} w-36 pr-3 pl-4 text-start sm:w-56`}>
            Status
          </th>
          <th scope="col" className={`${head} px-3 text-start`}>
            Name
          </th>
          <th scope="col" className={`${head} hidden w-44 px-3 text-start xl:table-cell`}>
            Thread
          </th>
          <th scope="col" className={`${head} hidden w-24 px-3 text-end md:table-cell`}>
            Started
          </th>
          <th scope="col" className={`${head} hidden w-28 px-3 text-end sm:table-cell`}>
            Duration
          </th>
          <th scope="col" className={`${head} hidden w-22 px-3 text-end xl:table-cell`}>
            Attempts
          </th>
          <th scope="col" className={`${head} hidden w-20 px-3 text-end lg:table-cell`}>
            Tokens
          </th>
          <th scope="col" className={`${head} hidden w-25 pr-4 pl-3 text-end lg:table-cell`}>
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {ids.map((id) => (
          <BgoRow key={id} bgoId={id} threadTitles={titles} leaving={lingering.has(id)} />
        ))}
      </tbody>
    </table>
  );
}
