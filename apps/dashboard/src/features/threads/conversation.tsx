import type { Thread } from "@platos-tasks/client";
import { useState } from "react";
import type { ReactElement } from "react";

import { Button } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorPanel } from "../../ui/error-panel.tsx";
import { Icon } from "../../ui/icon.tsx";
import { ActivityRow } from "./activity-row.tsx";
import { Composer } from "./composer.tsx";
import { NextMessageNote, nextMessageNoteId } from "./next-message-note.tsx";
import { activityOf } from "./thread-bgos.ts";
import type { BgoGroup } from "./thread-bgos.ts";
import { Transcript } from "./transcript.tsx";
import { unseenWords } from "./unseen.ts";
import { useFollowEnd } from "./use-follow-end.ts";
import { useMessages } from "./use-messages.ts";
import type { Messages } from "./use-messages.ts";
import { useSending } from "./use-sending.ts";
import { useThreadWaits } from "./use-thread-waits.ts";

export interface ConversationProps {
  readonly thread: Thread;
  readonly groups: readonly BgoGroup[];
}

/** Transcript and composer. */
export function Conversation({ thread, groups }: ConversationProps): ReactElement {
  const list = useMessages(thread);
  const sending = useSending(thread.id);
  const { scroller, content, atEnd, goToEnd } = useFollowEnd();
  const waits = useThreadWaits(thread.id);
  const activity = activityOf(groups, waits.needing);
  const inReplyTo = waits.question?.id ?? null;
  const lastSeq = list.messages.at(-1)?.seq ?? 0;
  const news = useUnseen(list, atEnd);
  const send = (text: string): void => {
    // Named, so that it goes to whom the reader was told it would, or nowhere.
    sending.send({ text, sentAfterSeq: lastSeq, inReplyTo });
    goToEnd();
  };
  const showEarlier = (): void => {
    // The browser keeps what is being read in place when content grows above it, but not at the very top.
    if (scroller.current?.scrollTop === 0) scroller.current.scrollTo({ top: 1 });
    list.showEarlier();
  };
  const isEmpty = !list.isPending && list.error === null && list.messages.length === 0 && sending.pending.length === 0;
  return (
    <div className="flex min-w-0 flex-1 flex-col">
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
        <div ref={content} className="mx-auto max-w-3xl px-4 py-6">
          {list.error !== null && (
            <ErrorPanel error={list.error} title="The messages could not be loaded." onRetry={list.refetch} />
          )}
          {isEmpty && <FirstMessageHint />}
          <Transcript
            threadId={thread.id}
            agentId={thread.agentId}
            messages={list.messages}
            sending={sending}
            waits={waits}
            before={<Earlier list={list} onShow={showEarlier} />}
          />
        </div>
      </div>
      <div className="relative mx-auto w-full max-w-3xl px-4 pb-4 before:pointer-events-none before:absolute before:inset-x-0 before:-top-6 before:h-6 before:bg-linear-to-t before:from-canvas">
        {news !== null && (
          <div className="absolute inset-x-0 -top-11 flex justify-center">
            <Button kind="primary" size="small" className="rounded-full! px-3 shadow-lg" onClick={goToEnd}>
              {news}
              <Icon name="arrow-down" size={12} />
            </Button>
          </div>
        )}
        {activity !== null && <ActivityRow activity={activity} />}
        <NextMessageNote waits={waits} />
        <Composer onSend={send} isAnswer={inReplyTo !== null} describedBy={nextMessageNoteId} />
      </div>
    </div>
  );
}

/** What came since the reader left the end; it is seen once they are back there. */
function useUnseen(list: Messages, atEnd: boolean): string | null {
  const lastSeq = list.messages.at(-1)?.seq ?? 0;
  const [seenSeq, setSeenSeq] = useState(lastSeq);
  if (atEnd && seenSeq !== lastSeq) setSeenSeq(lastSeq);
  return atEnd ? null : unseenWords(list.messages, seenSeq);
}

interface EarlierProps {
  readonly list: Messages;
  readonly onShow: () => void;
}

function Earlier({ list, onShow }: EarlierProps): ReactElement | null {
  if (!list.hasEarlier) return null;
  return (
    <div className="flex justify-center [overflow-anchor:none]">
      <Button size="small" onClick={onShow} disabled={list.isLoadingEarlier}>
        {list.isLoadingEarlier ? "Loading…" : "Show earlier messages"}
      </Button>
    </div>
  );
}

function FirstMessageHint(): ReactElement {
  return (
    <EmptyState icon="threads" title="Say what you need">
      Ask for something that takes a while, “render the Q3 slides to PDF”, and keep talking. The agent works on it in
      the background; its result lands here.
    </EmptyState>
  );
}
