import type { ReactElement } from "react";

import { useLive } from "../../live/live-context.ts";
import { useRow } from "../../live/use-rows.ts";
import { Byline } from "./byline.tsx";
import { GrowingMarkdown } from "./markdown.tsx";

/** Text that is being written for a message, as it comes. */
export function DraftText({ messageId }: { readonly messageId: string }): ReactElement | null {
  const { store } = useLive();
  const draft = useRow(store.drafts, messageId);
  if (draft === undefined || draft.text === "") return null;
  return <GrowingMarkdown text={draft.start > 0 ? `… ${draft.text}` : draft.text} />;
}

export interface DraftMessageProps {
  readonly messageId: string;
  readonly agentId: string;
}

/** An answer whose message is not stored at all yet. */
export function DraftMessage({ messageId, agentId }: DraftMessageProps): ReactElement {
  return (
    <article aria-label="Answer being written" className="flex flex-col gap-1.5">
      <Byline agentId={agentId} at={null} />
      <DraftText messageId={messageId} />
    </article>
  );
}
