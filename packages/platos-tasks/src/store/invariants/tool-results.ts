import { type Invariant, queryInvariant } from "./invariant.ts";

// One pass over the journals in the order of their primary key. A response's calls are compared with what follows it as
// sets; which call it is that has no answer can be read there.
export const toolResults: Invariant = queryInvariant({
  id: "I7",
  sentence:
    "Each tool result and intent belongs to a call of the response before it and comes once; no response is followed by another before all its calls are answered.",
  text: `
    with placed as (
      select owner_id, step_no, kind, max(step_no) filter (where kind = 'model') over by_step as response_no,
        case when kind = 'model' then jsonb_path_query_array(data, '$.parts[*] ? (@.type == "tool_call").callId') end
          as calls,
        case when kind <> 'model' then data ->> 'callId' end as call_id
      from platos.steps window by_step as (partition by owner_id order by step_no)
    ), responses as (
      select owner_id, response_no,
        coalesce((array_agg(calls) filter (where kind = 'model'))[1], '[]') as calls,
        coalesce(array_agg(call_id) filter (where kind = 'tool_intent'), '{}') as intents,
        coalesce(array_agg(call_id) filter (where kind = 'tool_result'), '{}') as results,
        response_no = max(response_no) over (partition by owner_id) as is_last
      from placed group by owner_id, response_no
    ), judged as (
      select *, case
        -- the usual case, in which nothing more is to be compared
        when calls = to_jsonb(results) and cardinality(intents) = 0 then null
        when not calls @> to_jsonb(results) or not calls @> to_jsonb(intents) then 'answered that were not made'
        when cardinality(results) > jsonb_array_length(calls) or cardinality(intents) > jsonb_array_length(calls)
          or cardinality(results) > 1 and cardinality(results) <> (select count(distinct id) from unnest(results) id)
          or cardinality(intents) > 1 and cardinality(intents) <> (select count(distinct id) from unnest(intents) id)
          then 'answered or begun twice'
        when not is_last and not calls <@ to_jsonb(results) then 'not all answered, and the conversation went on'
      end as fault
      from responses
    )
    select format('the calls of step %s of %s are %s: calls %s, intents %s, results %s',
      response_no, owner_id, fault, calls, to_jsonb(intents), to_jsonb(results)) as violation
    from judged where fault is not null`,
});
