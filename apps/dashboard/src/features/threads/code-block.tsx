import { useRef } from "react";
import type { ReactElement, ReactNode } from "react";

import { CopyButton } from "../../ui/copy-button.tsx";

export function CodeBlock({ children }: { readonly children: ReactNode }): ReactElement {
  const pre = useRef<HTMLPreElement>(null);
  return (
    <div className="relative">
      <pre ref={pre} tabIndex={0} role="group" aria-label="Code">
        {children}
      </pre>
      <div className="absolute top-1.5 right-1.5 rounded-md bg-sunken">
        <CopyButton text={() => pre.current?.textContent ?? ""} label="Copy code" />
      </div>
    </div>
  );
}
