import type { ReactElement } from "react";

import { Icon } from "../ui/icon.tsx";
import type { WaitLook } from "./wait-look.ts";

/** Icon, word and colour together, as with a BGO's status. */
export function WaitChip({ look }: { readonly look: WaitLook }): ReactElement {
  return (
    <span
      className={`inline-flex h-5.5 shrink-0 items-center gap-1 rounded-md border border-transparent px-1.5 text-xs font-medium whitespace-nowrap ${look.chip}`}
    >
      <Icon name={look.icon} size={12} />
      {look.word}
    </span>
  );
}
