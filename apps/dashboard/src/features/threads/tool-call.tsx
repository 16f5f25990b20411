import type { DynamicToolPart } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { Icon } from "../../ui/icon.tsx";
import type { IconName } from "../../ui/icon.tsx";
import { JsonBlock } from "../../ui/json-block.tsx";

const looks: Readonly<Record<DynamicToolPart["state"], { word: string; icon: IconName; color: string }>> = {
  "input-available": { word: "running", icon: "tool", color: "text-running" },
  "approval-requested": { word: "waits for approval", icon: "hourglass", color: "text-waiting" },
  "output-available": { word: "done", icon: "check", color: "text-completed" },
  "output-error": { word: "failed", icon: "cross", color: "text-failed" },
};

/** One call of a tool, folded; its arguments and its answer inside. */
export function ToolCall({ call }: { readonly call: DynamicToolPart }): ReactElement {
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
