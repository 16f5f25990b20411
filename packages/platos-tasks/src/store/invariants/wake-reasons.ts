import { type Invariant, queryInvariant } from "./invariant.ts";

// A queued turn without a reason of its own waits for the turns of its thread that go before it.
export const wakeReasons: Invariant = queryInvariant({
  id: "I5",
  sentence: "Every BGO and turn that has not ended has one reason to go on; one that has ended has none.",
  text: `
    select format('%s is %s with %s reasons to go on', id, status, num_nonnulls(segment_id, wake_at)) as violation
    from platos.platos_tasks
    where case
      when status in ('completed', 'failed', 'cancelled') then num_nonnulls(segment_id, wake_at) <> 0
      when status = 'running' then segment_id is null or wake_at is not null
      when status = 'waiting' then num_nonnulls(segment_id, wake_at) <> 0
      else num_nonnulls(segment_id, wake_at) <> 1
    end
    union all
    select format('%s is %s with %s reasons to go on', u.id, u.status, num_nonnulls(u.segment_id, u.wake_at))
    from platos.turns u
    where case
      when u.status in ('completed', 'failed') then num_nonnulls(u.segment_id, u.wake_at) <> 0
      when u.status = 'waiting' then num_nonnulls(u.segment_id, u.wake_at) <> 0
      when u.status = 'running' then u.segment_id is null or u.wake_at is not null
      when num_nonnulls(u.segment_id, u.wake_at) = 0 then not exists (
        select 1 from platos.turns busy
        where busy.thread_id = u.thread_id
          and (busy.status in ('running', 'waiting') or busy.status = 'queued' and num_nonnulls(busy.segment_id, busy.wake_at) > 0)
      )
      else num_nonnulls(u.segment_id, u.wake_at) <> 1
    end`,
});
