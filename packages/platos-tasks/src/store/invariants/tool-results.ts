import { type Invariant, queryInvariant } from "./invariant.ts";

export const toolResults: Invariant = queryInvariant({
  id: "I7",
  sentence:
    "Each tool result and intent belongs to a call of the response before it and comes once; no response is followed by another before all its calls are answered.",
  text: `
    with placed as (
      select owner_id, step_no, kind, data ->> 'callId' as call_id,
        max(step_no) filter (where kind = 'model') over (partition by owner_id order by step_no) as response_no,
        max(step_no) filter (where kind = 'model') over (partition by owner_id) as last_response_no
      from platos.steps
    ), answers as (
      select * from placed where kind <> 'model'
    ), calls as (
      select step.owner_id, step.step_no as response_no, part ->> 'callId' as call_id
      from platos.steps step
      cross join jsonb_array_elements(
        case when jsonb_typeof(step.data -> 'parts') = 'array' then step.data -> 'parts' else '[]' end
      ) part
      where step.kind = 'model' and part ->> 'type' = 'tool_call'
    )
    select format('step %s of %s is a %s of call %s, which the response before it did not make',
      step_no, owner_id, kind, call_id) as violation
    from answers
    where not exists (
      select 1 from calls
      where calls.owner_id = answers.owner_id and calls.response_no = answers.response_no
        and calls.call_id = answers.call_id
    )
    union all
    select format('call %s of step %s of %s has %s steps of kind %s', call_id, response_no, owner_id, count(*), kind)
    from answers group by owner_id, response_no, call_id, kind having count(*) > 1
    union all
    select format('call %s of step %s of %s was never answered, and the conversation went on',
      calls.call_id, calls.response_no, calls.owner_id)
    from calls
    join placed response on response.owner_id = calls.owner_id and response.step_no = calls.response_no
    where response.last_response_no > calls.response_no
      and not exists (
        select 1 from answers
        where answers.owner_id = calls.owner_id and answers.response_no = calls.response_no
          and answers.call_id = calls.call_id and answers.kind = 'tool_result'
      )`,
});
