import { isTerminal } from "@platos-tasks/client";
import type { Bgo, Json, ModelStep, Step } from "@platos-tasks/client";
import type { ReactElement } from "react";

import { formatCount } from "../../bgo/usage-text.ts";
import { formatDuration } from "../../time/format-duration.ts";
import { formatClock } from "../../time/format-instant.ts";
import { JsonBlock } from "../../ui/json-block.tsx";
import { EntryTable } from "./entry-table.tsx";
import { useSteps } from "./list-steps.ts";

const words: Readonly<Record<Step["kind"], string>> = {
  model: "Model call",
  tool_intent: "Tool begun",
  tool_result: "Tool result",
};

/** The journal: what the model answered and what its tools gave back, in the order it was recorded. */
export function StepsTable({ bgo }: { readonly bgo: Bgo }): ReactElement {
  const list = useSteps(bgo);
  return (
    <EntryTable
      list={list}
      caption="Steps, oldest first"
      empty={isTerminal(bgo.status) ? "It ended before its first step." : "Its first step is not recorded yet."}
      columns={["#", "Kind", "What", "Tokens", "At"]}
      keyOf={(step) => String(step.stepNo)}
      cellsOf={(step) => [
        step.stepNo,
        words[step.kind],
        <StepContent key="what" step={step} />,
        step.kind === "model" ? formatCount(step.usage.inputTokens + step.usage.outputTokens) : "",
        <time key="at" className="whitespace-nowrap" dateTime={step.createdAt} title={step.createdAt}>
          {formatClock(Date.parse(step.createdAt))}
        </time>,
      ]}
    />
  );
}

function StepContent({ step }: { readonly step: Step }): ReactElement {
  if (step.kind === "tool_intent") return <span className="font-mono text-xs">{step.tool}</span>;
  const failed = step.kind === "tool_result" && step.error !== null;
  return (
    <details className="group">
      <summary className="flex min-h-6 items-center gap-2">
        <span aria-hidden="true" className="text-ink-3 transition-transform group-open:rotate-90">
          ›
        </span>
        <span className={`truncate ${failed ? "text-failed" : ""}`}>{summaryOf(step)}</span>
      </summary>
      <div className="mt-1 mb-2">
        <JsonBlock value={detailOf(step)} label={`${words[step.kind]} ${step.stepNo}`} />
      </div>
    </details>
  );
}

function summaryOf(step: Exclude<Step, { kind: "tool_intent" }>): string {
  if (step.kind === "tool_result") return `${step.tool}${step.error === null ? "" : ` failed: ${step.error.message}`}`;
  const calls = step.parts.flatMap((part) => (part.type === "tool_call" ? [part.tool] : []));
  const said = step.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(" ");
  const what = calls.length > 0 ? `calls ${calls.join(", ")}` : said;
  return `${step.model} · ${formatDuration(step.durationMs)} · ${what === "" ? step.finishReason : what}`;
}

function detailOf(step: Exclude<Step, { kind: "tool_intent" }>): Json {
  if (step.kind === "tool_result") return step.error === null ? step.output : { ...step.error };
  return partsOf(step);
}

function partsOf(step: ModelStep): Json {
  const calls = step.parts.some((part) => part.type === "tool_call");
  if (!calls) return step.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return step.parts.map((part): Json => ({ ...part }));
}
