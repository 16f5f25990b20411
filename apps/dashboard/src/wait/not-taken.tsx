import type { ReactElement } from "react";

import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { ErrorPanel } from "../ui/error-panel.tsx";

export interface NotTakenProps {
  /** What was typed; empty when it was only a button. */
  readonly text: string;
  readonly error: Error | null;
  readonly onDiscard: () => void;
}

/** What is left of an answer whose wait ended before it was sent: what was typed is kept. Nothing when there is none. */
export function NotTaken({ text, error, onDiscard }: NotTakenProps): ReactElement | null {
  if (text.trim() === "" && error === null) return null;
  return (
    <div className="flex flex-col gap-2">
      {error !== null && <ErrorPanel error={error} title="Your answer was not taken." />}
      {text.trim() !== "" && (
        <div className="flex items-start gap-1 rounded-md border border-line bg-sunken px-3 py-2">
          <div className="min-w-0 flex-1">
            <p className="text-xs text-ink-2">You were writing this; it was not sent:</p>
            <p className="mt-1 max-h-40 overflow-y-auto text-sm wrap-anywhere whitespace-pre-wrap">{text}</p>
          </div>
          <CopyButton text={text} label="Copy what you wrote" />
        </div>
      )}
      <Button size="small" kind="quiet" className="self-start" onClick={onDiscard}>
        Discard
      </Button>
    </div>
  );
}
