import { type Invariant, queryInvariant } from "./invariant.ts";

// First each journal is written down twice, as its responses' calls and as what answers them, in the order of its steps:
// `["a""b"[` for a response with two calls and one with none. Where both texts are the same, and nothing or everything
// was begun with an intent, all is well; that is nearly everywhere. Only the other journals are then taken apart: their
// responses' calls are compared with what follows them as sets, since calls may be answered in another order, and the
// last ones not yet. Which call it is that has no answer can be read there. Index steps_pkey.
export const toolResults: Invariant = queryInvariant({
  id: "I7",
  sentence:
    "Each tool result and intent belongs to a call of the response before it and comes once; no response is followed by another before all its calls are answered.",
  text: `
    with read as (
      select owner_id, step_no, kind,
        case when kind = 'model' then jsonb_path_query_array(data, '$.parts[*] ? (@.type == "tool_call").callId') end
          as calls,
        case when kind <> 'model' then data -> 'callId' end as call_id
      -- computed once, before anything is sorted
      from platos.steps offset 0
    ), told as (
      select owner_id,
        string_agg(left(replace(calls::text, '", "', '""'), -1), '' order by step_no) as calls,
        string_agg(case kind when 'model' then '[' when 'tool_intent' then call_id::text end, '' order by step_no)
          as intents,
        string_agg(case kind when 'model' then '[' when 'tool_result' then call_id::text end, '' order by step_no)
          as results
      from read group by owner_id
    ), unusual as (
      select owner_id from told
      where results is distinct from calls
        -- with several calls in one response, texts do not tell whether one of them was begun twice
        or ltrim(intents, '[') <> '' and (intents <> calls or strpos(calls, '""') > 0)
    ), placed as (
      select owner_id, step_no, kind, max(step_no) filter (where kind = 'model') over by_step as response_no,
        case when kind = 'model' then jsonb_path_query_array(data, '$.parts[*] ? (@.type == "tool_call").callId') end
          as calls,
        case when kind <> 'model' then data ->> 'callId' end as call_id
      from platos.steps where owner_id in (select owner_id from unusual)
      window by_step as (partition by owner_id order by step_no)
    ), responses as (
      select owner_id, response_no,
        coalesce((array_agg(calls) filter (where kind = 'model'))[1], '[]') as calls,
        coalesce(array_agg(call_id) filter (where kind = 'tool_intent'), '{}') as intents,
        coalesce(array_agg(call_id) filter (where kind = 'tool_result'), '{}') as results,
        response_no = max(response_no) over (partition by owner_id) as is_last
      from placed group by owner_id, response_no
    ), judged as (
      select *, case
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
