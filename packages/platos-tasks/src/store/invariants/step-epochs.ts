import { type Invariant, queryInvariant } from "./invariant.ts";

export const stepEpochs: Invariant = queryInvariant({
  id: "I6",
  sentence: "In a journal the epoch never falls, and no step was written under an epoch that was never claimed.",
  text: `
    select format('step %s of %s was written under epoch %s, after epoch %s', step_no, owner_id, epoch, before)
      as violation
    from (
      select owner_id, step_no, epoch, lag(epoch) over (partition by owner_id order by step_no) as before
      from platos.steps
    ) in_order
    where epoch < before
    union all
    select format('%s was written to under epoch %s, but it is at epoch %s', owner.id, written.epoch, owner.epoch)
    from (select owner_id, max(epoch) as epoch from platos.steps group by owner_id) written
    join (
      select id, epoch from platos.platos_tasks union all select id, epoch from platos.turns
    ) owner on owner.id = written.owner_id
    where written.epoch > owner.epoch`,
});
