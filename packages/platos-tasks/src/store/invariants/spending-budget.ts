import { type Invariant, queryInvariant } from "./invariant.ts";

// Only who has reached a limit is looked at closely: it may have gone past it with its last call, and not before.
export const spendingBudget: Invariant = queryInvariant({
  id: "I12",
  sentence:
    "No BGO has made a model call once its tokens or its money were spent: at most the last one went past a limit.",
  text: `
    with limits as (
      select id, (budget ->> 'maxTokens')::numeric as max_tokens, (budget ->> 'maxCostUsd')::float8 as max_cost,
        input_tokens + output_tokens as tokens, cost_usd
      from platos.platos_tasks where budget ?| array['maxTokens', 'maxCostUsd']
    ), reached as (
      select * from limits where tokens >= max_tokens or cost_usd >= max_cost or max_cost is not null and cost_usd is null
    ), earlier as (
      select reached.id, sum((step.usage ->> 'inputTokens')::bigint + (step.usage ->> 'outputTokens')::bigint) as tokens,
        sum((step.usage ->> 'costUsd')::float8) as cost,
        bool_or(step.usage ->> 'costUsd' is null) as is_unpriced
      from reached
      cross join lateral (
        select data -> 'usage' as usage from platos.steps
        where owner_id = reached.id and kind = 'model' order by step_no desc offset 1
      ) step
      group by reached.id
    )
    select case
      when earlier.tokens >= max_tokens then
        format('%s made a model call after %s of its %s tokens', id, earlier.tokens, max_tokens)
      when earlier.is_unpriced then format('%s made a model call when its cost was unknown and its budget $%s', id, max_cost)
      else format('%s made a model call after $%s of its $%s', id, earlier.cost, max_cost)
    end as violation
    from earlier join reached using (id)
    where earlier.tokens >= max_tokens
      or max_cost is not null and (earlier.is_unpriced or earlier.cost > max_cost * 1.000001)`,
});
