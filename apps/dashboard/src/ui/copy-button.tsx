import { useEffect, useState } from "react";
import type { ReactElement } from "react";

import { IconButton } from "./icon-button.tsx";

const confirmedMs = 1_500;

export interface CopyButtonProps {
  /** Or a function that reads it when it is needed. */
  readonly text: string | (() => string);
  readonly label: string;
}

/** Copies `text`; says so by its icon and to the live region by its name. */
export function CopyButton({ text, label }: CopyButtonProps): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), confirmedMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    navigator.clipboard?.writeText(typeof text === "string" ? text : text()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <IconButton icon={copied ? "check" : "copy"} label={copied ? "Copied" : label} onClick={copy} className="size-6" />
  );
}
