import type { Thread } from "@platos-tasks/client";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { ReactElement } from "react";

import { useAgentName } from "../../agent/list-agents.ts";
import { envPath, useEnvParams } from "../../env/env-path.ts";
import { titleOfThread } from "../../thread/list-threads.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Icon } from "../../ui/icon.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { SkeletonRows } from "../../ui/skeleton.tsx";
import { BgoRail } from "./bgo-rail.tsx";
import { Conversation } from "./conversation.tsx";
import { useThread } from "./get-thread.ts";
import { useThreadBgos } from "./thread-bgos.ts";
import { useThreadNews } from "./use-thread-news.ts";
import { useWideScreen } from "./use-wide-screen.ts";

export function ThreadPage(): ReactElement {
  const { threadId } = useParams({ from: `${envPath}/threads/$threadId` });
  const { data: thread, error, refetch } = useThread(threadId);
  if (thread !== undefined) return <OpenThread key={thread.id} thread={thread} />;
  return (
    <>
      <PageHeader title="Thread" before={<BackToThreads />} />
      {error === null ? (
        <SkeletonRows count={5} label="Loading this thread" />
      ) : (
        <div className="p-4">
          <ErrorPanel error={error} title="This thread could not be loaded." onRetry={() => void refetch()} />
        </div>
      )}
    </>
  );
}

function OpenThread({ thread }: { readonly thread: Thread }): ReactElement {
  useThreadNews(thread.id);
  const wide = useWideScreen();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const list = useThreadBgos(thread.id);
  const agent = useAgentName(thread.agentId);
  const open = chosen ?? wide;
  const active = list.groups.reduce((sum, group) => (group.name === "Finished" ? sum : sum + group.bgos.length), 0);
  return (
    <>
      <PageHeader
        title={titleOfThread(thread)}
        before={<BackToThreads />}
        aside={<span className="text-xs text-ink-3">{agent}</span>}
        actions={
          <Button size="small" aria-expanded={open} onClick={() => setChosen(!open)}>
            <Icon name="panel" size={14} />
            BGOs
            {active > 0 && <span className="font-semibold text-running tabular-nums">{active}</span>}
          </Button>
        }
      />
      <div className="relative flex min-h-0 flex-1">
        <Conversation thread={thread} groups={list.groups} />
        {open && <BgoRail list={list} onClose={() => setChosen(false)} />}
      </div>
    </>
  );
}

function BackToThreads(): ReactElement {
  const params = useEnvParams();
  return (
    <Link
      to={`${envPath}/threads`}
      params={params}
      aria-label="All threads"
      className="-ml-1 grid size-7 shrink-0 place-items-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
    >
      <Icon name="chevron-left" />
    </Link>
  );
}
