import type { Waitpoint } from "@platos-tasks/client";
import { useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";

import { ApprovalForm } from "./approval-form.tsx";
import { EndByHand } from "./end-by-hand.tsx";
import { ReplyForm } from "./reply-form.tsx";
import { TokenForm } from "./token-form.tsx";
import type { WaitFormProps } from "./wait-form-props.ts";
import { PublicLink, WebhookLink } from "./wait-links.tsx";
import { WaitOutcome } from "./wait-outcome.tsx";

export interface WaitBodyProps {
  readonly waitpoint: Waitpoint;
  /** `short`: without what is on screen elsewhere. `operator`: with what ends a wait that nobody answers. */
  readonly view: "thread" | "short" | "operator";
}

/** Where a wait is answered; once it is over, what came of it. */
export function WaitBody({ waitpoint, view }: WaitBodyProps): ReactElement {
  const isOver = waitpoint.status !== "open";
  const { body, outcome, onAnswered } = useFocusOnOutcome(isOver);
  const props = { waitpoint, onAnswered };
  return (
    <div ref={body} className="flex flex-col gap-3">
      {view === "thread" && waitpoint.kind === "token" && <PublicLink waitpoint={waitpoint} />}
      {view === "operator" && (
        <>
          <PublicLink waitpoint={waitpoint} />
          <WebhookLink waitpoint={waitpoint} />
        </>
      )}
      <AnswerForm {...props} canEdit={view !== "short"} />
      {view === "operator" && waitpoint.kind !== "approval" && <EndByHand {...props} />}
      {isOver && <WaitOutcome waitpoint={waitpoint} ref={outcome} />}
    </div>
  );
}

function AnswerForm(props: WaitFormProps & { readonly canEdit: boolean }): ReactElement | null {
  const { kind, threadId, approval } = props.waitpoint;
  switch (kind) {
    case "reply":
      return threadId === null ? null : <ReplyForm {...props} threadId={threadId} />;
    case "token":
      return <TokenForm {...props} />;
    case "approval":
      return approval === null ? null : <ApprovalForm {...props} approval={approval} />;
    case "time":
    case "bgo":
      return null;
  }
}

interface FocusOnOutcome {
  readonly body: React.RefObject<HTMLDivElement | null>;
  readonly outcome: React.RefObject<HTMLDivElement | null>;
  readonly onAnswered: () => void;
}

/** The form that was answered goes and the focus with it: it goes on at the outcome, unless the reader has moved on. */
function useFocusOnOutcome(isOver: boolean): FocusOnOutcome {
  const body = useRef<HTMLDivElement>(null);
  const outcome = useRef<HTMLDivElement>(null);
  const [answeredHere, setAnsweredHere] = useState(false);
  useEffect(() => {
    const focused = document.activeElement;
    const isFree = focused === null || focused === document.body || body.current?.contains(focused) === true;
    if (isOver && answeredHere && isFree) outcome.current?.focus();
  }, [isOver, answeredHere]);
  return { body, outcome, onAnswered: () => setAnsweredHere(true) };
}
