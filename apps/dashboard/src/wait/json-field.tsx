import { useId } from "react";
import type { ReactElement } from "react";

import { growingClass } from "../ui/field-look.ts";

export interface JsonFieldProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly isDisabled: boolean;
  /** Why what stands there cannot be sent. */
  readonly problem: string | null;
  readonly autoFocus?: boolean;
}

/** An editor of a JSON value that says what is wrong with it. */
export function JsonField(props: JsonFieldProps): ReactElement {
  const { label, text, onChange, isDisabled, problem, autoFocus = false } = props;
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <textarea
        id={id}
        rows={3}
        value={text}
        readOnly={isDisabled}
        autoFocus={autoFocus}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : `${id}-problem`}
        className={`mt-1 font-mono text-xs! ${growingClass}`}
      />
      {problem !== null && (
        <p id={`${id}-problem`} role="alert" className="mt-1 text-xs wrap-anywhere text-failed">
          {problem}
        </p>
      )}
    </div>
  );
}
