import { storableJson, storableText } from "../../core/json.ts";
import { type Step, usageOfSteps } from "../../core/journal.ts";
import type { JournalTotals } from "../../core/ports/journal.ts";
import type { FencedOwner } from "../../core/ports/store.ts";
import type { Executor } from "../database.ts";
import { scopeColumns } from "./scope-columns.ts";

interface TotalsRow {
  readonly model_calls: number;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cost_usd: number | null;
  readonly elapsed_seconds: number;
}

// One statement, one commit: the owner's row gives the step numbers and refuses a superseded epoch.
function recordText(table: string, extraSet: string, event: string): string {
  return `
    with owner as (
      update platos.${table} set
        next_step = next_step + cardinality($3::text[]),
        model_calls = model_calls + $5,
        input_tokens = input_tokens + $6,
        output_tokens = output_tokens + $7,
        cost_usd = cost_usd + $8::float8,
        crashes = 0,
        moved_at = now()
        ${extraSet}
      where id = $1 and epoch = $2 and status = 'running'
      returning id, ${scopeColumns}, thread_id, next_step - cardinality($3::text[]) as first_step, model_calls,
        input_tokens, output_tokens, cost_usd,
        extract(epoch from now() - started_at)::float8 - waited_seconds as elapsed_seconds
    ), steps as (
      insert into platos.steps (owner_id, step_no, ${scopeColumns}, kind, epoch, data)
      select owner.id, owner.first_step + step.place - 1, ${scopeColumns}, step.kind, $2, step.data
      from owner, unnest($3::text[], $4::jsonb[]) with ordinality as step (kind, data, place)
    )${event}
    select model_calls, input_tokens, output_tokens, cost_usd, elapsed_seconds from owner`;
}

const forBgo = recordText(
  "platos_tasks",
  ", rev = rev + 1, reason = $9",
  `, event as (
      insert into platos.events (${scopeColumns}, type, thread_id, bgo_id)
      select ${scopeColumns}, 'bgo.updated', thread_id, id from owner
    )`,
);

const forTurn = recordText("turns", "", "");

export async function recordBgoSteps(
  executor: Executor,
  bgo: FencedOwner,
  entry: { readonly steps: readonly Step[]; readonly doing: string },
): Promise<JournalTotals | null> {
  return record(executor, forBgo, [...stepValues(bgo, entry.steps), storableText(entry.doing)]);
}

export async function recordTurnSteps(
  executor: Executor,
  turn: FencedOwner,
  steps: readonly Step[],
): Promise<JournalTotals | null> {
  return record(executor, forTurn, stepValues(turn, steps));
}

function stepValues(owner: FencedOwner, steps: readonly Step[]): unknown[] {
  const added = usageOfSteps(steps);
  return [
    owner.id,
    owner.epoch,
    steps.map((step) => step.kind),
    steps.map((step) => storableJson(dataOf(step))),
    added.modelCalls,
    added.usage.inputTokens,
    added.usage.outputTokens,
    added.usage.costUsd,
  ];
}

function dataOf(step: Step): unknown {
  if (step.kind === "model") return step.response;
  if (step.kind === "tool_result") return step.result;
  return { callId: step.callId, tool: step.tool };
}

async function record(executor: Executor, text: string, values: unknown[]): Promise<JournalTotals | null> {
  const { rows } = await executor.query<TotalsRow>(text, values);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    modelCalls: row.model_calls,
    usage: { inputTokens: Number(row.input_tokens), outputTokens: Number(row.output_tokens), costUsd: row.cost_usd },
    elapsedSeconds: row.elapsed_seconds,
  };
}
