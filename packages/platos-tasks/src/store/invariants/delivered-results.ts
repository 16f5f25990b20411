import { limits } from "../../core/caps.ts";
import { type Invariant, queryInvariant } from "./invariant.ts";

const saidIn = (step: string): string => `(
          select string_agg(part.value ->> 'text', '' order by part.place)
          from jsonb_array_elements(${step}.data -> 'parts') with ordinality part (value, place)
          where part.value ->> 'type' = 'text'
        )`;

// Cut, and says so. A character here may be two where it was cut: half of them are surely before the note.
const isCut = `(
          m.parts -> 0 ->> 'text' like '%; the whole is the output of ' || b.id || ']'
          and octet_length(b.output #>> '{}') > ${limits.messageChars}
          and starts_with(b.output #>> '{}', left(m.parts -> 0 ->> 'text', ${limits.messageChars / 2}))
        )`;

// A result that the sub-agent had staged stands instead of its last words.
export const deliveredResults: Invariant = queryInvariant({
  id: "I7",
  sentence:
    "What a BGO completed with is the last response of its journal, or what it staged; its terminal message says the same.",
  text: `
    with judged as (
      select b.id, case
        -- without any step, whoever ended it ran no loop
        when b.next_step > 0 and step.owner_id is null then 'has completed, but its journal does not end with a response'
        when jsonb_typeof(b.output) = 'string' and m.parts -> 0 ->> 'text' <> b.output #>> '{}' and not ${isCut} then
          'has completed with something else than its message says'
        when b.next_step > 0 and ${saidIn("step")} is distinct from b.output #>> '{}' and not exists (
          select 1 from platos.steps staging
          where staging.owner_id = b.id and staging.kind = 'tool_result' and staging.data ->> 'tool' = 'messages_create'
        ) then 'has completed with something else than its last response'
      end as fault
      from platos.platos_tasks b
      left join platos.steps step
        on step.owner_id = b.id and step.step_no = b.next_step - 1 and step.kind = 'model'
      left join platos.messages m on m.bgo_id = b.id and m.terminal
      where b.status = 'completed'
    )
    select format('%s %s', id, fault) as violation from judged where fault is not null`,
});
