import type { Waitpoint } from "@platos-tasks/client";
import { useId, useRef, useState } from "react";
import type { FormEvent, KeyboardEvent, ReactElement } from "react";

import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { growingClass } from "../ui/field-look.ts";
import { replyMessage } from "./answer-wait.ts";
import type { ReplyMessage } from "./answer-wait.ts";
import { NotTaken } from "./not-taken.tsx";
import { useAnswer } from "./use-answer.ts";
import type { WaitFormProps } from "./wait-form-props.ts";

export interface ReplyFormProps extends WaitFormProps {
  readonly threadId: NonNullable<Waitpoint["threadId"]>;
}

/** Answers a question as the user's message in its thread. */
export function ReplyForm({ waitpoint, threadId, onAnswered }: ReplyFormProps): ReactElement | null {
  const [text, setText] = useState("");
  const sent = useRef<ReplyMessage>(null);
  const fieldId = useId();
  const answering = useAnswer(waitpoint, () => {
    setText("");
    onAnswered();
  });
  const { isPending, error } = answering;
  const send = (): void => {
    if (text.trim() === "" || isPending) return;
    sent.current = replyMessage(text.trim(), sent.current);
    answering.send({ kind: "reply", threadId, message: sent.current });
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter that ends an input method's composition is not meant for us.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const discard = (): void => {
    setText("");
    answering.forgetError();
  };
  if (waitpoint.status !== "open") return isPending ? null : <NotTaken text={text} error={error} onDiscard={discard} />;
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-2">
      <label htmlFor={fieldId} className="text-xs font-medium text-ink-2">
        Your answer
      </label>
      <div className="flex items-end gap-2">
        <textarea
          id={fieldId}
          rows={1}
          value={text}
          readOnly={isPending}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          className={growingClass}
        />
        <Button kind="primary" type="submit" className="h-9" disabled={isPending || text.trim() === ""}>
          {isPending ? "Sending…" : "Answer"}
        </Button>
      </div>
      {error !== null && <ErrorPanel error={error} title="Your answer was not taken." />}
    </form>
  );
}
