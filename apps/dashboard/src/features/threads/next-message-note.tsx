import type { Waitpoint } from "@platos-tasks/client";
import { titleOfBgo } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { useLive } from "../../live/live-context.ts";
import { useRow } from "../../live/use-rows.ts";
import { Icon } from "../../ui/icon.tsx";
import { goToElement, questionId } from "./transcript-anchor.ts";
import type { ThreadWaits } from "./use-thread-waits.ts";

export const nextMessageNoteId = "next-message";

/** To whom the next message goes, when it does not go to the agent alone. */
export function NextMessageNote({ waits }: { readonly waits: ThreadWaits }): ReactElement | null {
  const { question, approvals } = waits;
  const [approval] = approvals;
  if (question === null && approval === undefined) return null;
  return (
    <div
      id={nextMessageNoteId}
      className="mb-1.5 flex flex-col gap-1 rounded-lg bg-waiting-soft px-3 py-1.5 text-xs text-ink-2"
    >
      {question !== null && <AnswersQuestion question={question} />}
      {approval !== undefined && (
        <Line waitpoint={approval}>
          The agent waits for your decision on <code className="font-mono">{approval.approval?.tool}</code>.{" "}
          <strong className="font-semibold text-ink">Writing on instead denies it.</strong>
        </Line>
      )}
    </div>
  );
}

function AnswersQuestion({ question }: { readonly question: Waitpoint }): ReactElement {
  const { store } = useLive();
  const bgo = useRow(store.bgos, question.bgoId ?? "");
  return (
    <Line waitpoint={question}>
      BGO {bgo === undefined ? "" : `${titleOfBgo(bgo)} `}is asking:{" "}
      <strong className="font-semibold text-ink">your next message answers it.</strong>
    </Line>
  );
}

interface LineProps {
  readonly waitpoint: Waitpoint;
  readonly children: React.ReactNode;
}

function Line({ waitpoint, children }: LineProps): ReactElement {
  return (
    <p className="flex items-start gap-1.5">
      <Icon name="question" size={14} className="mt-0.5 text-waiting" />
      <span className="min-w-0 flex-1 wrap-anywhere">{children}</span>
      <button
        type="button"
        onClick={() => goToElement(questionId(waitpoint.id))}
        className="-my-0.5 min-h-6 shrink-0 rounded-md px-1 font-medium text-accent underline-offset-2 hover:underline"
      >
        Show
      </button>
    </p>
  );
}
