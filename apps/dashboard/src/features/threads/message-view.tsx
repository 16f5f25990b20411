import type { Message } from "@platos-tasks/client";
import { textOfMessage } from "@platos-tasks/client";
import { memo } from "react";
import type { ReactElement } from "react";

import { useAgentName } from "../../agent/list-agents.ts";
import { useLive } from "../../live/live-context.ts";
import { useRow } from "../../live/use-rows.ts";
import { Icon } from "../../ui/icon.tsx";
import { AnswerMark } from "./answer-mark.tsx";
import { Byline } from "./byline.tsx";
import { DraftText } from "./draft-view.tsx";
import { MessageBlocks } from "./message-blocks.tsx";
import { QuestionCard } from "./question-card.tsx";
import { ResultMessage } from "./result-message.tsx";
import { UserBubble } from "./user-bubble.tsx";

/** One message, by what it is: said by a person, by an agent, or sent by a BGO. */
export const MessageView: React.MemoExoticComponent<(props: MessageViewProps) => ReactElement | null> = memo(View);

export interface MessageViewProps {
  readonly messageId: string;
}

function View({ messageId }: MessageViewProps): ReactElement | null {
  const { store } = useLive();
  const message = useRow(store.messages, messageId);
  if (message === undefined) return null;
  switch (message.kind) {
    case "bgo_completed":
    case "bgo_failed":
    case "bgo_cancelled":
      return <ResultMessage message={message} kind={message.kind} />;
    case "progress":
      return <Note message={message} />;
    case "question":
      return message.waitpointId === null ? (
        <Note message={message} />
      ) : (
        <QuestionCard message={message} waitpointId={message.waitpointId} />
      );
    default:
      return <ChatMessage message={message} />;
  }
}

function ChatMessage({ message }: { readonly message: Message }): ReactElement {
  if (message.role === "user") return <UserMessage message={message} />;
  if (message.role === "system") {
    return <p className="text-center text-xs wrap-anywhere text-ink-3">{textOfMessage(message)}</p>;
  }
  return (
    <article aria-label="Answer" className="flex flex-col gap-1.5">
      <Byline agentId={message.authorAgentId} at={message.createdAt} />
      <MessageBlocks message={message} />
      <DraftText messageId={message.id} />
    </article>
  );
}

function UserMessage({ message }: { readonly message: Message }): ReactElement {
  const { waitpointId, threadId } = message;
  return (
    <UserBubble text={textOfMessage(message)} label={waitpointId === null ? "You" : "You, in answer to a question"}>
      {waitpointId !== null && <AnswerMark waitpointId={waitpointId} threadId={threadId} />}
    </UserBubble>
  );
}

/** Word from a BGO that goes on: how far it is, or a question that stands alone. */
function Note({ message }: { readonly message: Message }): ReactElement {
  const name = useAgentName(message.authorAgentId);
  const asks = message.kind === "question";
  return (
    <article
      aria-label={asks ? "Question" : "Progress"}
      className={`flex gap-2.5 rounded-lg border border-line px-3.5 py-2.5 ${asks ? "bg-waiting-soft" : "bg-surface"}`}
    >
      <Icon name={asks ? "question" : "layers"} className={`mt-0.5 ${asks ? "text-waiting" : "text-ink-3"}`} />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <p className="text-xs text-ink-2">
          <span className="font-semibold text-ink">{name}</span>
          {asks ? " asks" : " reports"}
        </p>
        <MessageBlocks message={message} />
      </div>
    </article>
  );
}
