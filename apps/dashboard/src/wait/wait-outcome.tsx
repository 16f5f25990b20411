import type { Waitpoint } from "@platos-tasks/client";
import type { ReactElement, Ref } from "react";

import { RelativeTime } from "../time/relative-time.tsx";
import { JsonBlock } from "../ui/json-block.tsx";
import { actorWords } from "../ui/actor-words.ts";
import { WaitChip } from "./wait-chip.tsx";
import { waitOutcomeWords } from "./wait-outcome-words.ts";

export interface WaitOutcomeProps {
  readonly waitpoint: Waitpoint;
  readonly ref: Ref<HTMLDivElement>;
}

/** How a wait ended: what was answered, and when. */
export function WaitOutcome({ waitpoint, ref }: WaitOutcomeProps): ReactElement {
  const { look, text, value } = waitOutcomeWords(waitpoint);
  return (
    <div ref={ref} tabIndex={-1} className="flex flex-col gap-1.5 rounded-md">
      <p className="flex flex-wrap items-center gap-2 text-xs text-ink-3">
        <WaitChip look={look} />
        {waitpoint.resolvedAt !== null && <RelativeTime iso={waitpoint.resolvedAt} />}
        {waitpoint.resolvedBy !== null && <span>by {actorWords[waitpoint.resolvedBy.type]}</span>}
      </p>
      {text !== null && <p className="text-sm wrap-anywhere whitespace-pre-wrap">{text}</p>}
      {value !== undefined && <JsonBlock value={value} label={look.word} />}
    </div>
  );
}
