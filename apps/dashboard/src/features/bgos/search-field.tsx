import { useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";

import { Icon } from "../../ui/icon.tsx";

const pauseMs = 250;

export interface SearchFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Types at once, searches after a pause. */
export function SearchField({ value, onChange }: SearchFieldProps): ReactElement {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // The address changed by other means (back, clear): follow it.
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (next: string): void => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sent.current = next.trim();
      onChange(next.trim());
    }, pauseMs);
  };
  return (
    <div className="relative min-w-36 flex-1 sm:max-w-64">
      <Icon name="search" size={14} className="pointer-events-none absolute top-1.75 left-2 text-ink-3" />
      <input
        type="search"
        value={text}
        onChange={(event) => type(event.target.value)}
        aria-label="Search by id, name or prompt"
        placeholder="Search id, name, prompt"
        className="h-7 w-full rounded-md border border-line-strong bg-raised pr-1 pl-7 text-xs"
      />
    </div>
  );
}
