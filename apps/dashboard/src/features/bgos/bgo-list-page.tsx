import { useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { ReactElement } from "react";

import { envPath } from "../../env/env-path.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { BgoFilterBar } from "./bgo-filter-bar.tsx";
import { BgoListEmpty } from "./bgo-list-empty.tsx";
import { BgoTable } from "./bgo-table.tsx";
import { useBgoList } from "./use-bgo-list.ts";

const atTopPx = 40;

export function BgoListPage(): ReactElement {
  const search = useSearch({ from: `${envPath}/platos-tasks` });
  const [ceiling, setCeiling] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const list = useBgoList(search, ceiling);
  const onScroll = (): void => {
    const atTop = (scroller.current?.scrollTop ?? 0) < atTopPx;
    setCeiling((current) => (atTop ? null : (current ?? list.top)));
  };
  const showNew = (): void => {
    setCeiling(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  return (
    <>
      <PageHeader title="Background operations" />
      <BgoFilterBar search={search} />
      <div ref={scroller} onScroll={onScroll} className="relative min-h-0 flex-1 overflow-y-auto">
        {list.error !== null && (
          <div className="p-4">
            <ErrorPanel error={list.error} title="The list could not be loaded." onRetry={list.refetch} />
          </div>
        )}
        {list.heldBack > 0 && (
          <div className="sticky top-10 z-10 flex h-0 justify-center">
            <Button kind="primary" size="small" className="rounded-full! px-3 shadow-md" onClick={showNew}>
              {list.heldBack} new
            </Button>
          </div>
        )}
        {list.isPending && list.error === null && <SkeletonRows count={8} label="Loading background operations" />}
        {!list.isPending && list.ids.length === 0 && list.error === null && <BgoListEmpty search={search} />}
        {list.ids.length > 0 && <BgoTable ids={list.ids} lingering={list.lingering} />}
        {list.hasMore && (
          <div className="flex justify-center p-4">
            <Button onClick={list.loadMore} disabled={list.isLoadingMore}>
              {list.isLoadingMore ? "Loading…" : "Load more"}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}
