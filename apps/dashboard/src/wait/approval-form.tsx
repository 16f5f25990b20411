import type { Json, WaitpointApproval } from "@platos-tasks/client";
import { useId, useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { growingClass } from "../ui/field-look.ts";
import { decisionValue, parseJson } from "./answer-value.ts";
import type { Decision } from "./answer-value.ts";
import { JsonField } from "./json-field.tsx";
import { NotTaken } from "./not-taken.tsx";
import { useAnswer } from "./use-answer.ts";
import type { Answering } from "./use-answer.ts";
import type { WaitFormProps } from "./wait-form-props.ts";

type Mode = "choose" | "deny" | "edit";

export interface ApprovalFormProps extends WaitFormProps {
  readonly approval: WaitpointApproval;
  /** False where the arguments are not on screen to be edited. */
  readonly canEdit: boolean;
}

/** Approve, deny with a reason, or approve with other arguments. */
export function ApprovalForm({ waitpoint, approval, onAnswered, canEdit }: ApprovalFormProps): ReactElement | null {
  const [mode, setMode] = useState<Mode>("choose");
  const [typed, setTyped] = useState("");
  const answering = useAnswer(waitpoint, () => {
    setTyped("");
    onAnswered();
  });
  const go = (next: Mode, text = ""): void => {
    answering.forgetError();
    setTyped(text);
    setMode(next);
  };
  const decide = (decision: Decision): void =>
    answering.send({ kind: "complete", value: decisionValue(approval, decision) });
  const { error, isPending } = answering;
  const asked = JSON.stringify(approval.args, null, 2);
  if (waitpoint.status !== "open") {
    return isPending ? null : (
      <NotTaken text={typed === asked ? "" : typed} error={error} onDiscard={() => go("choose")} />
    );
  }
  const inner = { tool: approval.tool, text: typed, onType: setTyped, answering, onBack: () => go("choose") };
  return (
    <div className="flex flex-col gap-2">
      {mode === "choose" && (
        <div role="group" aria-label={`Decision on ${inner.tool}`} className="flex flex-wrap gap-2">
          <Button kind="primary" disabled={isPending} onClick={() => decide({ decision: "approve" })}>
            {isPending ? "Approving…" : "Approve"}
          </Button>
          <Button kind="danger" disabled={isPending} onClick={() => go("deny")}>
            Deny…
          </Button>
          {canEdit && (
            <Button disabled={isPending} onClick={() => go("edit", asked)}>
              Edit…
            </Button>
          )}
        </div>
      )}
      {mode === "deny" && <DenyForm {...inner} onDeny={() => decide({ decision: "deny", reason: typed })} />}
      {mode === "edit" && <EditForm {...inner} onApprove={(args) => decide({ decision: "approve", args })} />}
      {error !== null && <ErrorPanel error={error} title="Your decision was not taken." />}
    </div>
  );
}

interface InnerFormProps {
  readonly tool: string;
  readonly text: string;
  readonly onType: (text: string) => void;
  readonly answering: Answering;
  readonly onBack: () => void;
}

function DenyForm(props: InnerFormProps & { readonly onDeny: () => void }): ReactElement {
  const { tool, text, onType, answering, onBack, onDeny } = props;
  const id = useId();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onDeny();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        Why may {tool} not run? <span className="font-normal text-ink-3">The agent reads it. Optional.</span>
      </label>
      <textarea
        id={id}
        rows={1}
        value={text}
        autoFocus
        maxLength={500}
        readOnly={answering.isPending}
        onChange={(event) => onType(event.target.value)}
        className={growingClass}
      />
      <div className="flex gap-2">
        <Button kind="danger" type="submit" disabled={answering.isPending}>
          {answering.isPending ? "Denying…" : "Deny"}
        </Button>
        <Button kind="quiet" disabled={answering.isPending} onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}

function EditForm(props: InnerFormProps & { readonly onApprove: (args: Json) => void }): ReactElement {
  const { tool, text, onType, answering, onBack, onApprove } = props;
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const parsed = parseJson(text);
    setProblem(parsed.ok ? null : parsed.problem);
    if (parsed.ok) onApprove(parsed.value);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <JsonField
        label={`Arguments with which ${tool} runs`}
        text={text}
        onChange={(next) => {
          setProblem(null);
          onType(next);
        }}
        isDisabled={answering.isPending}
        problem={problem}
        autoFocus
      />
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" type="submit" disabled={answering.isPending}>
          {answering.isPending ? "Approving…" : "Approve with these"}
        </Button>
        <Button kind="quiet" disabled={answering.isPending} onClick={onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}
