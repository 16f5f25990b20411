import { titleOfBgo } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { useLive } from "../../live/live-context.ts";
import { useRow } from "../../live/use-rows.ts";
import { useWait } from "../../wait/use-wait.ts";
import { goToElement, questionId } from "./transcript-anchor.ts";

export interface AnswerMarkProps {
  readonly waitpointId: string;
  readonly threadId: string;
}

/** Says that a message answered a question, and leads to it. */
export function AnswerMark({ waitpointId, threadId }: AnswerMarkProps): ReactElement {
  const { store } = useLive();
  const { waitpoint } = useWait(waitpointId, threadId);
  const bgo = useRow(store.bgos, waitpoint?.bgoId ?? "");
  return (
    <button
      type="button"
      onClick={() => goToElement(questionId(waitpointId))}
      className="inline-flex min-h-6 max-w-[85%] items-center gap-1 rounded-md px-1 text-xs text-ink-3 hover:text-ink"
    >
      <span aria-hidden="true">↑</span>
      <span className="truncate">
        answer to {bgo === undefined ? "a background operation" : <>BGO {titleOfBgo(bgo)}</>}
      </span>
    </button>
  );
}
