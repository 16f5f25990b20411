import { useLayoutEffect, useRef, useState } from "react";
import type { FormEvent, KeyboardEvent, ReactElement } from "react";

import { Icon } from "../../ui/icon.tsx";

export interface ComposerProps {
  readonly onSend: (text: string) => void;
  /** The next message answers a question; what says so is told by `describedBy`. */
  readonly isAnswer: boolean;
  /** Ids of what else there is to know before writing. */
  readonly describedBy: string;
}

const mostPx = 240;

/** Free at all times: what is written while the agent answers is answered next. */
export function Composer({ onSend, isAnswer, describedBy }: ComposerProps): ReactElement {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, mostPx)}px`;
  }, [text]);
  const send = (): void => {
    if (text.trim() === "") return;
    onSend(text.trim());
    setText("");
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter that ends an input method's composition is not meant for us.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    send();
  };
  return (
    <form
      onSubmit={onSubmit}
      className="flex items-end gap-2 rounded-xl border border-field bg-raised p-1.5 shadow-sm has-[textarea:focus-visible]:border-accent has-[textarea:focus-visible]:outline-1 has-[textarea:focus-visible]:outline-accent"
    >
      <textarea
        ref={field}
        rows={1}
        value={text}
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        aria-label="Message"
        aria-describedby={`${describedBy} composer-hint`}
        placeholder={isAnswer ? "Write your answer" : "Write a message"}
        className="min-h-8 flex-1 resize-none bg-transparent px-2 py-1.25 outline-none"
      />
      <span id="composer-hint" className="sr-only">
        Enter sends, Shift and Enter makes a new line.
      </span>
      <button
        type="submit"
        disabled={text.trim() === ""}
        aria-label="Send"
        title="Send (Enter)"
        className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent text-accent-ink transition-colors hover:bg-accent-hover disabled:bg-sunken disabled:text-ink-3"
      >
        <Icon name="arrow-up" />
      </button>
    </form>
  );
}
