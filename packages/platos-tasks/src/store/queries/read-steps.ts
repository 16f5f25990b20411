import { storableText } from "../../core/json.ts";
import type { RecordedStep, Step, StepKind } from "../../core/journal.ts";
import type { Scope } from "../../core/scope.ts";
import type { ModelResponse, ToolResult } from "../../core/transcript.ts";
import type { Executor } from "../database.ts";

interface StepRow {
  readonly step_no: number;
  readonly epoch: number;
  readonly kind: StepKind;
  readonly data: unknown;
  readonly created_at: Date;
}

const whole = `select step_no, epoch, kind, data, created_at from platos.steps where owner_id = $1 order by step_no`;

const page = `
  select step_no, epoch, kind, data, created_at from platos.steps
  where owner_id = $1 and env_id = $2 and step_no > $3 order by step_no limit $4`;

/** The whole journal of an owner that the caller has claimed. */
export async function readSteps(executor: Executor, ownerId: string): Promise<readonly RecordedStep[]> {
  const { rows } = await executor.query<StepRow>(whole, [ownerId]);
  return rows.map(recordedStepOf);
}

export async function listSteps(
  executor: Executor,
  scope: Scope,
  of: { readonly ownerId: string; readonly afterStep: number; readonly limit: number },
): Promise<readonly RecordedStep[]> {
  const { rows } = await executor.query<StepRow>(page, [storableText(of.ownerId), scope.envId, of.afterStep, of.limit]);
  return rows.map(recordedStepOf);
}

function recordedStepOf(row: StepRow): RecordedStep {
  return { stepNo: row.step_no, epoch: row.epoch, createdAt: row.created_at, step: stepOf(row) };
}

// Written by record-steps only, so its shape is ours.
function stepOf({ kind, data }: StepRow): Step {
  if (kind === "model") return { kind, response: data as ModelResponse };
  if (kind === "tool_result") return { kind, result: data as ToolResult };
  const intent = data as { callId: string; tool: string };
  return { kind, callId: intent.callId, tool: intent.tool };
}
