import type { Json } from "@platos-tasks/client";
import type { ReactElement } from "react";

const shownChars = 20_000;

/** A value as indented JSON, a text as it is; the beginning only when it is long. */
export function JsonBlock({ value, label }: { readonly value: Json; readonly label: string }): ReactElement {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const cut = text.length > shownChars;
  return (
    <pre
      tabIndex={0}
      role="group"
      aria-label={label}
      className="max-h-80 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs wrap-anywhere whitespace-pre-wrap"
    >
      {cut ? `${text.slice(0, shownChars)}\n… ${(text.length - shownChars).toLocaleString()} more characters` : text}
    </pre>
  );
}
