import type { Message, Turn } from "@platos-tasks/client";
import { useCallback } from "react";
import type { ReactElement, ReactNode } from "react";

import type { Draft } from "../../live/draft.ts";
import { useLive } from "../../live/live-context.ts";
import { useRows } from "../../live/use-rows.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { DraftMessage } from "./draft-view.tsx";
import { MessageView } from "./message-view.tsx";
import { stillPending } from "./pending-message.ts";
import type { PendingMessage } from "./pending-message.ts";
import { newestTurn, turnDoing } from "./turn-doing.ts";
import type { TurnDoing } from "./turn-doing.ts";
import type { Sending } from "./use-sending.ts";
import type { ThreadWaits } from "./use-thread-waits.ts";
import { UserBubble } from "./user-bubble.tsx";

export interface TranscriptProps {
  readonly threadId: string;
  readonly agentId: string;
  readonly messages: readonly Message[];
  readonly sending: Sending;
  readonly waits: ThreadWaits;
  /** Stands above the first message. */
  readonly before: ReactNode;
}

/** The conversation. Screen readers hear of what is new through the page's live region, not letter by letter here. */
export function Transcript(props: TranscriptProps): ReactElement {
  const { threadId, agentId, messages, sending, waits, before } = props;
  const { store } = useLive();
  const turn = useRows(
    store.turns,
    useCallback((turns: readonly Turn[]) => newestTurn(turns, threadId), [threadId]),
  );
  const drafts = useRows(
    store.drafts,
    useCallback((all: readonly Draft[]) => all.filter((draft) => draft.threadId === threadId), [threadId]),
  );
  const known = new Set(messages.map((message) => message.id));
  const pending = stillPending(sending.pending, messages);
  const doing = turn === null ? null : turnDoing(turn, waits.approvals.length > 0);
  return (
    <div
      role="log"
      aria-label="Conversation"
      aria-live="off"
      aria-busy={doing === "thinking"}
      className="flex flex-col gap-5"
    >
      {before}
      {messages.map((message) => (
        <div key={message.id} className="[contain-intrinsic-size:auto_8rem] [content-visibility:auto]">
          <MessageView messageId={message.id} />
        </div>
      ))}
      {drafts
        .filter((draft) => !known.has(draft.id))
        .map((draft) => (
          <DraftMessage key={draft.id} messageId={draft.id} agentId={agentId} />
        ))}
      {pending.map((message) => (
        <PendingBubble key={message.key} message={message} sending={sending} inReplyTo={waits.question?.id ?? null} />
      ))}
      {doing !== null && drafts.length === 0 && <Working doing={doing} />}
      {turn?.status === "failed" && <TurnFailed turn={turn} />}
    </div>
  );
}

interface PendingBubbleProps {
  readonly message: PendingMessage;
  readonly sending: Sending;
  /** To whom it goes when it is sent again. */
  readonly inReplyTo: string | null;
}

function PendingBubble({ message, sending, inReplyTo }: PendingBubbleProps): ReactElement {
  return (
    <UserBubble text={message.text} label={message.error === null ? "You, sending" : "You, not sent"} faded>
      {message.error !== null && (
        <div role="alert" className="flex flex-wrap items-center justify-end gap-2 text-xs text-failed">
          Not sent. {message.error}
          <Button size="small" onClick={() => sending.retry(message, inReplyTo)}>
            Send again
          </Button>
          <Button size="small" kind="quiet" onClick={() => sending.discard(message)}>
            Discard
          </Button>
        </div>
      )}
    </UserBubble>
  );
}

const doingWords: Readonly<Record<TurnDoing, string>> = {
  queued: "Waiting for a worker…",
  thinking: "Thinking…",
  waiting: "Waiting for your decision",
};

function Working({ doing }: { readonly doing: TurnDoing }): ReactElement {
  return (
    <p className="flex items-center gap-2 text-sm text-ink-3">
      <span
        className={`size-1.5 rounded-full ${doing === "waiting" ? "bg-waiting" : "bg-running"}`}
        aria-hidden="true"
      />
      {doingWords[doing]}
    </p>
  );
}

function TurnFailed({ turn }: { readonly turn: Turn }): ReactElement {
  return (
    <div className="flex gap-3 rounded-lg border border-line bg-failed-soft px-4 py-3 text-sm">
      <Icon name="cross" className="mt-0.5 text-failed" />
      <div className="min-w-0">
        <p className="font-medium text-failed">The agent could not answer</p>
        <p className="mt-0.5 wrap-anywhere">{turn.error?.message ?? "The turn failed. Write again to try anew."}</p>
      </div>
    </div>
  );
}
