import type { DynamicToolPart } from "@platos-tasks/client";
import { useState } from "react";
import type { ReactElement } from "react";

import { Icon } from "../../ui/icon.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { JsonBlock } from "../../ui/json-block.tsx";
import { useWait } from "../../wait/use-wait.ts";
import { WaitBody } from "../../wait/wait-body.tsx";

const looks: Readonly<Record<DynamicToolPart["state"], { word: string; icon: IconName; color: string }>> = {
  "input-available": { word: "running", icon: "tool", color: "text-running" },
  "approval-requested": { word: "waits for approval", icon: "hourglass", color: "text-waiting" },
  "output-available": { word: "done", icon: "check", color: "text-completed" },
  "output-error": { word: "failed", icon: "cross", color: "text-failed" },
};

export interface ToolCallProps {
  readonly call: DynamicToolPart;
  readonly threadId: string;
}

/** One call of a tool, folded; its arguments and its answer inside. One that needs an approval asks for it. */
export function ToolCall({ call, threadId }: ToolCallProps): ReactElement {
  // Once it was asked for here, what was decided stays: the focus is on it.
  const [askedId, setAskedId] = useState<string | null>(null);
  const openId = call.state === "approval-requested" ? (call.approval?.id ?? null) : null;
  if (openId !== null && openId !== askedId) setAskedId(openId);
  if (askedId === null) return <FoldedCall call={call} />;
  return (
    <div
      className={`flex w-full flex-col gap-2.5 rounded-lg border border-l-3 border-line bg-raised px-3.5 py-2.5 ${openId === null ? "border-l-line-strong" : "border-l-waiting"}`}
    >
      <FoldedCall call={call} />
      <CallApproval waitpointId={askedId} threadId={threadId} />
    </div>
  );
}

function CallApproval({
  waitpointId,
  threadId,
}: {
  readonly waitpointId: string;
  readonly threadId: string;
}): ReactElement {
  const { waitpoint, error } = useWait(waitpointId, threadId);
  if (waitpoint !== undefined) return <WaitBody waitpoint={waitpoint} view="short" />;
  return (
    <p className="text-sm text-ink-2">
      {error === null ? "Loading what is asked…" : `What is asked could not be loaded. ${error.message}`}
    </p>
  );
}

function FoldedCall({ call }: { readonly call: DynamicToolPart }): ReactElement {
  const look = looks[call.state];
  return (
    <details className="group w-full text-sm">
      <summary className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-md border border-line bg-surface px-2 text-xs text-ink-2 hover:bg-hover">
        <Icon name={look.icon} size={12} className={look.color} />
        <span className="truncate font-mono">{call.toolName}</span>
        <span className={look.color}>{look.word}</span>
        <Icon name="chevron-right" size={12} className="transition-transform group-open:rotate-90" />
      </summary>
      <div className="mt-2 flex flex-col gap-2">
        <JsonBlock value={call.input} label={`Arguments of ${call.toolName}`} />
        {call.output !== undefined && <JsonBlock value={call.output} label={`Answer of ${call.toolName}`} />}
        {call.errorText !== undefined && <p className="text-sm wrap-anywhere text-failed">{call.errorText}</p>}
      </div>
    </details>
  );
}
