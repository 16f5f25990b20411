import { type Invariant, queryInvariant } from "./invariant.ts";

// A BGO of a schedule is told by its key, `schedule:<id>` and the instant.
export const scheduleFires: Invariant = queryInvariant({
  id: "I11",
  sentence:
    "Every decided instant of a schedule has one record, with its BGO or without, no BGO has another one's, and none was early.",
  text: `
    with fired as (
      select id, substr(key_scope, 10) as schedule_id, idempotency_key::timestamptz as fire_at, created_at
      from platos.platos_tasks where key_scope like 'schedule:%'
    )
    select format('%s is of %s at %s, which its fires do not tell', b.id, b.schedule_id, b.fire_at) as violation
    from fired b left join platos.schedule_fires f on f.bgo_id = b.id
    where (f.schedule_id, f.fire_at) is distinct from (b.schedule_id, b.fire_at)
    union all
    select format('%s has %s BGOs for %s', schedule_id, count(*), fire_at)
    from fired group by schedule_id, fire_at having count(*) > 1
    union all
    select format('%s tells of %s at %s, which is not its BGO', f.schedule_id, f.bgo_id, f.fire_at)
    from platos.schedule_fires f left join fired b on b.id = f.bgo_id
    where f.bgo_id is not null and b.id is null
    union all
    select format('%s has decided over %s more than once', schedule_id, fire_at)
    from (
      select schedule_id, fire_at, lag(through) over (partition by schedule_id order by fire_at) as before
      from platos.schedule_fires
    ) f where before >= fire_at
    union all
    select format('%s was decided over %s at %s, before its time', f.schedule_id, f.through, f.decided_at)
    from platos.schedule_fires f join platos.schedules s on s.id = f.schedule_id
    where f.decided_at < f.through + s.delay_ms * interval '1 millisecond'
    union all
    select format('%s of %s began before its time', id, schedule_id) from fired where created_at < fire_at
    union all
    select format('%s has decided over %s, and is decided through %s only', f.schedule_id, f.through, s.decided_through)
    from platos.schedule_fires f join platos.schedules s on s.id = f.schedule_id
    where f.through > s.decided_through`,
});
