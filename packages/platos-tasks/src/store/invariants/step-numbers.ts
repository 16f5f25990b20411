import { type Invariant, queryInvariant } from "./invariant.ts";

export const stepNumbers: Invariant = queryInvariant({
  id: "I7",
  sentence: "The steps of a journal are numbered from 0 without a gap, as many as their owner has counted.",
  text: `
    with owners as (
      select id, next_step from platos.platos_tasks union all select id, next_step from platos.turns
    ), journals as (
      select owner_id, count(*) as steps, count(distinct step_no) as numbers, min(step_no) as first, max(step_no) as last
      from platos.steps group by owner_id
    )
    select format('%s has %s steps, numbered %s to %s', owner_id, steps, first, last) as violation
    from journals where first <> 0 or last <> steps - 1 or numbers <> steps
    union all
    select format('%s has counted %s steps, and its journal has %s', id, next_step, coalesce(steps, 0))
    from owners left join journals on owner_id = id where next_step <> coalesce(steps, 0)
    union all
    select format('%s has a journal of %s steps, but is not there', owner_id, steps)
    from journals left join owners on id = owner_id where id is null`,
});
