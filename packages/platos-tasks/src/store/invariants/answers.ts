import { type Invariant, queryInvariant } from "./invariant.ts";

// Texts and calls only, in their order: how the rest is drawn may change from version to version.
export const answers: Invariant = queryInvariant({
  id: "I7",
  sentence: "The message of a turn says what its journal says, rebuilt response by response.",
  text: `
    with rebuilt as (
      select u.assistant_message_id as id, u.id as turn_id,
        string_agg(coalesce(part.value ->> 'callId', part.value ->> 'text'), e'\\n' order by step.step_no, part.place)
          as said
      from platos.turns u
      join platos.steps step on step.owner_id = u.id and step.kind = 'model'
      cross join lateral jsonb_array_elements(step.data -> 'parts') with ordinality part (value, place)
      group by u.id
    ), stored as (
      select m.id, (
        select string_agg(coalesce(part.value ->> 'toolCallId', part.value ->> 'text'), e'\\n' order by part.place)
        from jsonb_array_elements(m.parts) with ordinality part (value, place)
        where part.value ->> 'type' <> 'step-start'
      ) as said
      from platos.messages m where m.turn_id is not null and m.role = 'assistant'
    )
    select format('message %s is not what the journal of %s says', rebuilt.id, rebuilt.turn_id) as violation
    from rebuilt left join stored on stored.id = rebuilt.id
    where stored.said is distinct from rebuilt.said`,
});
