import type { Json } from "@platos-tasks/client";
import { useId, useMemo, useState } from "react";
import type { FormEvent, ReactElement } from "react";

import { Button } from "../ui/button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";
import { fieldClass, growingClass } from "../ui/field-look.ts";
import { answerFields, answerOf } from "./answer-fields.ts";
import type { AnswerField, AnswerTexts } from "./answer-fields.ts";
import { parseJson } from "./answer-value.ts";
import { JsonField } from "./json-field.tsx";
import { NotTaken } from "./not-taken.tsx";
import { useAnswer } from "./use-answer.ts";
import type { WaitFormProps } from "./wait-form-props.ts";

/** How the answer is being written. `text`: nothing says what form it shall have. */
type Mode = "fields" | "text" | "json";

const noTexts: AnswerTexts = new Map();

/** Answers in place of whoever has the link: by a form where the schema is plain, else in JSON. */
export function TokenForm({ waitpoint, onAnswered }: WaitFormProps): ReactElement | null {
  const { schema } = waitpoint;
  const fields = useMemo(() => (schema === null ? null : answerFields(schema)), [schema]);
  const [asJson, setAsJson] = useState(false);
  const [texts, setTexts] = useState(noTexts);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const clear = (): void => {
    setTexts(noTexts);
    setText("");
    setProblem(null);
  };
  const answering = useAnswer(waitpoint, () => {
    clear();
    onAnswered();
  });
  const { isPending, error } = answering;
  const plain: Mode = fields === null ? (schema === null ? "text" : "json") : "fields";
  const mode = asJson ? "json" : plain;
  const typed = mode === "fields" ? typedIn(fields ?? [], texts) : text;
  if (waitpoint.status !== "open") {
    const discard = (): void => {
      clear();
      answering.forgetError();
    };
    return isPending ? null : <NotTaken text={typed} error={error} onDiscard={discard} />;
  }
  const send = (value: Json): void => answering.send({ kind: "complete", value });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (mode === "fields") return send(answerOf(fields ?? [], texts));
    if (mode === "text") return send(text);
    const parsed = parseJson(text);
    setProblem(parsed.ok ? null : parsed.problem);
    if (parsed.ok) send(parsed.value);
  };
  const toJson = (): void => {
    setText(mode === "fields" ? typed : text === "" ? "" : JSON.stringify(text));
    setAsJson(true);
  };
  const fromJson = (): void => {
    setText("");
    setProblem(null);
    setAsJson(false);
  };
  const type = (next: string): void => {
    setProblem(null);
    setText(next);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      {mode === "fields" && fields !== null && (
        <Fields fields={fields} texts={texts} onChange={setTexts} isDisabled={isPending} />
      )}
      {mode === "text" && <PlainText text={text} onChange={type} isDisabled={isPending} />}
      {mode === "json" && (
        <JsonField label="Answer, as JSON" text={text} onChange={type} isDisabled={isPending} problem={problem} />
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button kind="primary" type="submit" disabled={isPending || (mode !== "fields" && text.trim() === "")}>
          {isPending ? "Sending…" : "Answer"}
        </Button>
        {plain !== "json" && (
          <Button kind="quiet" disabled={isPending} onClick={asJson ? fromJson : toJson}>
            {asJson ? "Back to the form" : "As JSON"}
          </Button>
        )}
      </div>
      {error !== null && <ErrorPanel error={error} title="Your answer was not taken." />}
    </form>
  );
}

function typedIn(fields: readonly AnswerField[], texts: AnswerTexts): string {
  const answer = answerOf(fields, texts);
  return Object.keys(answer).length === 0 ? "" : JSON.stringify(answer, null, 2);
}

interface PlainTextProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly isDisabled: boolean;
}

function PlainText({ text, onChange, isDisabled }: PlainTextProps): ReactElement {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        Answer here instead
      </label>
      <textarea
        id={id}
        rows={1}
        value={text}
        readOnly={isDisabled}
        onChange={(event) => onChange(event.target.value)}
        className={`mt-1 ${growingClass}`}
      />
    </div>
  );
}

interface FieldsProps {
  readonly fields: readonly AnswerField[];
  readonly texts: AnswerTexts;
  readonly onChange: (texts: AnswerTexts) => void;
  readonly isDisabled: boolean;
}

function Fields({ fields, texts, onChange, isDisabled }: FieldsProps): ReactElement {
  return (
    <fieldset disabled={isDisabled} className="flex flex-col gap-2">
      <legend className="mb-1 text-xs font-medium text-ink-2">Answer here instead</legend>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          text={texts.get(field.name) ?? ""}
          onChange={(text) => onChange(new Map([...texts, [field.name, text]]))}
        />
      ))}
    </fieldset>
  );
}

interface FieldProps {
  readonly field: AnswerField;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

function Field({ field, text, onChange }: FieldProps): ReactElement {
  const id = useId();
  const { label, hint, isRequired, control } = field;
  const shared = {
    id,
    value: text,
    required: isRequired,
    ...(hint === null ? {} : { "aria-describedby": `${id}-hint` }),
  };
  return (
    <div>
      <label htmlFor={id} className="text-xs wrap-anywhere">
        {label}
        {!isRequired && <span className="text-ink-3"> (optional)</span>}
      </label>
      {hint !== null && (
        <p id={`${id}-hint`} className="text-xs wrap-anywhere text-ink-3">
          {hint}
        </p>
      )}
      {control.type === "choice" && (
        <select {...shared} onChange={({ target }) => onChange(target.value)} className={`mt-1 ${fieldClass}`}>
          <option value="">{isRequired ? "Choose…" : "No answer"}</option>
          {control.options.map((option) => (
            <option key={option.text}>{option.text}</option>
          ))}
        </select>
      )}
      {control.type === "number" && (
        <input
          {...shared}
          inputMode={control.isInteger ? "numeric" : "decimal"}
          onChange={({ target }) => onChange(target.value)}
          className={`mt-1 ${fieldClass}`}
        />
      )}
      {control.type === "text" && (
        <textarea
          {...shared}
          rows={1}
          onChange={({ target }) => onChange(target.value)}
          className={`mt-1 ${growingClass}`}
        />
      )}
    </div>
  );
}
