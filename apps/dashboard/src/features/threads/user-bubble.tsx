import type { ReactElement, ReactNode } from "react";

export interface UserBubbleProps {
  readonly text: string;
  readonly label: string;
  readonly faded?: boolean;
  readonly children?: ReactNode;
}

export function UserBubble({ text, label, faded = false, children }: UserBubbleProps): ReactElement {
  return (
    <article aria-label={label} className="flex flex-col items-end gap-1.5">
      <div
        className={`max-w-[85%] rounded-2xl rounded-br-md bg-sunken px-3.5 py-2 wrap-anywhere whitespace-pre-wrap ${faded ? "opacity-70" : ""}`}
      >
        {text}
      </div>
      {children}
    </article>
  );
}
