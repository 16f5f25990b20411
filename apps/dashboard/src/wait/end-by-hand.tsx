import { useId, useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { growingClass } from "../ui/field-look.ts";
import { NotTaken } from "./not-taken.tsx";
import { useAnswer } from "./use-answer.ts";
import type { WaitFormProps } from "./wait-form-props.ts";

/** What an operator may do to a wait that nobody answers: end one for a time now, or let any of them fail. */
export function EndByHand({ waitpoint, onAnswered }: WaitFormProps): ReactElement | null {
  const [isFailing, setIsFailing] = useState(false);
  const [reason, setReason] = useState("");
  const id = useId();
  const answering = useAnswer(waitpoint, () => {
    setReason("");
    onAnswered();
  });
  const { isPending, error } = answering;
  const leave = (): void => {
    answering.forgetError();
    setReason("");
    setIsFailing(false);
  };
  if (waitpoint.status !== "open") return isPending ? null : <NotTaken text={reason} error={error} onDiscard={leave} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() !== "") answering.send({ kind: "fail", reason: reason.trim() });
  };
  return (
    <div className="flex flex-col gap-2">
      {!isFailing && (
        <div className="flex flex-wrap gap-2">
          {waitpoint.kind === "time" && (
            <Button size="small" disabled={isPending} onClick={() => answering.send({ kind: "complete", value: null })}>
              {isPending ? "Ending…" : "End this wait now"}
            </Button>
          )}
          <Button size="small" kind="danger" disabled={isPending} onClick={() => setIsFailing(true)}>
            Let it fail…
          </Button>
        </div>
      )}
      {isFailing && (
        <form onSubmit={submit} className="flex flex-col gap-2">
          <label htmlFor={id} className="text-xs font-medium text-ink-2">
            Why will there be no answer? <span className="font-normal text-ink-3">The sub-agent reads it.</span>
          </label>
          <textarea
            id={id}
            rows={1}
            value={reason}
            autoFocus
            maxLength={500}
            readOnly={isPending}
            onChange={(event) => setReason(event.target.value)}
            className={growingClass}
          />
          <div className="flex gap-2">
            <Button size="small" kind="danger" type="submit" disabled={isPending || reason.trim() === ""}>
              {isPending ? "Sending…" : "Let it fail"}
            </Button>
            <Button size="small" kind="quiet" disabled={isPending} onClick={leave}>
              Back
            </Button>
          </div>
        </form>
      )}
      {error !== null && <ErrorPanel error={error} title="It was not taken." />}
    </div>
  );
}
