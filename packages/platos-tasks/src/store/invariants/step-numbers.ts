import { type Invariant, queryInvariant } from "./invariant.ts";

export const stepNumbers: Invariant = queryInvariant({
  id: "I7",
  sentence:
    "The steps of a journal are numbered from 0 without a gap; its owner has counted as many, and the model calls and tokens in them.",
  text: `
    with owners as (
      select id, next_step, model_calls, input_tokens, output_tokens from platos.platos_tasks
      union all
      select id, next_step, model_calls, input_tokens, output_tokens from platos.turns
    ), journals as (
      -- float8 is summed several times faster than bigint, and exact far beyond any count of tokens
      select owner_id, count(*) as steps, min(step_no) as first, max(step_no) as last,
        count(*) filter (where kind = 'model') as model_calls,
        sum((data -> 'usage' ->> 'inputTokens')::float8) filter (where kind = 'model') as input_tokens,
        sum((data -> 'usage' ->> 'outputTokens')::float8) filter (where kind = 'model') as output_tokens
      from platos.steps group by owner_id
    ), judged as (
      select case
        when id is null then format('%s has a journal of %s steps, but is not there', owner_id, steps)
        -- the primary key keeps numbers apart
        when first <> 0 or last <> steps - 1 then format('%s has %s steps, numbered %s to %s', id, steps, first, last)
        when next_step <> coalesce(steps, 0) then
          format('%s has counted %s steps, and its journal has %s', id, next_step, coalesce(steps, 0))
        when (o.model_calls, o.input_tokens, o.output_tokens) is distinct from
          (coalesce(j.model_calls, 0), coalesce(j.input_tokens, 0), coalesce(j.output_tokens, 0)) then
          format('%s has counted %s model calls, %s input and %s output tokens; its journal has %s, %s and %s',
            id, o.model_calls, o.input_tokens, o.output_tokens, j.model_calls, j.input_tokens, j.output_tokens)
      end as violation
      from owners o full join journals j on owner_id = id
    )
    select violation from judged where violation is not null`,
});
