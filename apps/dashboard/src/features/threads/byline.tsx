import type { ReactElement } from "react";

import { useAgentName } from "../../agent/list-agents.ts";
import { RelativeTime } from "../../time/relative-time.tsx";

export interface BylineProps {
  readonly agentId: string | null;
  readonly at: string | null;
}

export function Byline({ agentId, at }: BylineProps): ReactElement {
  const name = useAgentName(agentId);
  return (
    <p className="flex items-baseline gap-2 text-xs">
      <span className="font-semibold">{name}</span>
      {at !== null && (
        <span className="text-ink-3">
          <RelativeTime iso={at} />
        </span>
      )}
    </p>
  );
}
