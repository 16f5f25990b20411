import { type Invariant, queryInvariant } from "./invariant.ts";

// A step is stamped while its owner's row is locked, and so is the audit entry of a claim: a step that is later than the
// next claim was written by a worker that had lost its lease, even if the journal looks orderly.
export const stepEpochs: Invariant = queryInvariant({
  id: "I6",
  sentence:
    "In a journal the epoch never falls; each epoch was claimed once, and nothing was written under it before that or after the next claim.",
  text: `
    with spans as (
      select owner_id, epoch, min(step_no) as first, max(step_no) as last, min(created_at) as first_at,
        max(created_at) as last_at
      from platos.steps group by owner_id, epoch
    ), in_order as (
      select *, lag(epoch) over by_epoch as epoch_before, lag(last) over by_epoch as last_before
      from spans window by_epoch as (partition by owner_id order by epoch)
    ), claims as (
      select target_id, (details ->> 'epoch')::int as epoch, min(at) as at, count(*) as entries
      from platos.audit_entries where target_type = 'bgo' and action = 'bgo.running'
      group by target_id, details ->> 'epoch'
    ), judged as (
      select case
        when last_before > first then
          format('step %s of %s was written under epoch %s, after epoch %s', last_before, owner_id, epoch_before, span.epoch)
        when span.epoch > coalesce(b.epoch, turn.epoch) then
          format('%s was written to under epoch %s, but it is at epoch %s', owner_id, span.epoch,
            coalesce(b.epoch, turn.epoch))
        when b.id is not null and (claim.at is null or first_at < claim.at) then
          format('%s was written to under epoch %s before that was claimed', owner_id, span.epoch)
        when last_at > next_claim.at then
          format('%s was written to under epoch %s when epoch %s had been claimed', owner_id, span.epoch, next_claim.epoch)
      end as violation
      from in_order span
      left join platos.platos_tasks b on b.id = owner_id
      left join platos.turns turn on turn.id = owner_id
      left join claims claim on claim.target_id = owner_id and claim.epoch = span.epoch
      -- only a second claim follows another one, and there are few
      left join claims next_claim
        on next_claim.target_id = owner_id and next_claim.epoch = span.epoch + 1 and next_claim.epoch > 1
    )
    select violation from judged where violation is not null
    union all
    select format('%s is at epoch %s, and its audit tells of %s claims, of %s epochs', b.id, b.epoch,
      coalesce(entries, 0), coalesce(epochs, 0))
    from platos.platos_tasks b
    left join (
      select target_id, sum(entries)::int as entries, count(*)::int as epochs from claims group by target_id
    ) claimed on claimed.target_id = b.id
    where b.epoch <> coalesce(entries, 0) or b.epoch <> coalesce(epochs, 0)`,
});
