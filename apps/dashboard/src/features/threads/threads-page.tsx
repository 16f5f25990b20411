import type { Thread } from "@platos-tasks/client";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { useAgents } from "../../agent/list-agents.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { titleOfThread, useThreads } from "../../thread/list-threads.ts";
import { RelativeTime } from "../../time/relative-time.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Icon } from "../../ui/icon.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { useNeedsYou } from "../../wait/use-needs-you.ts";
import { NewThread } from "./new-thread.tsx";

export function ThreadsPage(): ReactElement {
  const list = useThreads();
  const { data: agents } = useAgents();
  const { threadIds } = useNeedsYou();
  const threads = list.data?.pages.flatMap((page) => page.items) ?? [];
  const agentNames = new Map(agents?.map((agent) => [agent.id, agent.name]));
  return (
    <>
      <PageHeader title="Threads" actions={<NewThread />} />
      <div className="relative min-h-0 flex-1 overflow-y-auto">
        {list.error !== null && (
          <div className="p-4">
            <ErrorPanel
              error={list.error}
              title="The threads could not be loaded."
              onRetry={() => void list.refetch()}
            />
          </div>
        )}
        {list.isPending && <SkeletonRows count={8} label="Loading threads" />}
        {list.data !== undefined && threads.length === 0 && (
          <EmptyState icon="threads" title="No threads yet" action={<NewThread />}>
            A thread is a conversation with an agent. What it starts in the background works on its own and reports back
            here.
          </EmptyState>
        )}
        {threads.length > 0 && (
          <ul aria-label="Threads, most recent first">
            {threads.map((thread) => (
              <ThreadRow
                key={thread.id}
                thread={thread}
                agentName={agentNames.get(thread.agentId) ?? thread.agentSlug}
                needsYou={threadIds.has(thread.id)}
              />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <div className="flex justify-center p-4">
            <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage}>
              {list.isFetchingNextPage ? "Loading…" : "Load more"}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}

interface ThreadRowProps {
  readonly thread: Thread;
  readonly agentName: string;
  readonly needsYou: boolean;
}

function ThreadRow({ thread, agentName, needsYou }: ThreadRowProps): ReactElement {
  const params = useEnvParams();
  return (
    <li className="border-b border-line">
      <Link
        to={`${envPath}/threads/$threadId`}
        params={{ ...params, threadId: thread.id }}
        className="flex min-h-12 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover"
      >
        <div className="flex min-w-0 flex-1 flex-col gap-x-3 sm:flex-row sm:items-baseline">
          <span className="min-w-0 truncate font-medium">{titleOfThread(thread)}</span>
          <span className="shrink-0 truncate text-xs text-ink-3">{agentName}</span>
        </div>
        {needsYou && <NeedsYouMark />}
        {thread.activeBgoCount > 0 && <ActiveCount count={thread.activeBgoCount} />}
        <span className="w-16 shrink-0 text-end text-xs text-ink-3 tabular-nums">
          <RelativeTime iso={thread.updatedAt} />
        </span>
      </Link>
    </li>
  );
}

function ActiveCount({ count }: { readonly count: number }): ReactElement {
  return (
    <span className="inline-flex h-5.5 shrink-0 items-center gap-1 rounded-md bg-running-soft px-1.5 text-xs font-medium text-running tabular-nums">
      <Icon name="layers" size={12} />
      {count} active
    </span>
  );
}

function NeedsYouMark(): ReactElement {
  return (
    <span className="inline-flex h-5.5 shrink-0 items-center gap-1 rounded-md bg-waiting-soft px-1.5 text-xs font-medium text-waiting">
      <Icon name="question" size={12} />
      <span className="max-sm:sr-only">needs you</span>
    </span>
  );
}
