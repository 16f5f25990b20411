import { activeStatuses } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

// Looked at from below: few BGOs live, and few of them have been spawned by another one.
export const families: Invariant = queryInvariant({
  id: "I9",
  sentence:
    "Nothing lives that was spawned below a BGO that failed or was cancelled, and a family lives in one thread, one deeper each.",
  text: `
    with recursive above (id, ancestor_id) as (
      select id, parent_bgo_id from platos.platos_tasks
      where parent_bgo_id is not null and status in (${quotedList(activeStatuses)})
      union all
      select above.id, b.parent_bgo_id
      from above join platos.platos_tasks b on b.id = above.ancestor_id
      where b.parent_bgo_id is not null
    )
    select format('%s lives, and %s above it is %s', above.id, b.id, b.status) as violation
    from above join platos.platos_tasks b on b.id = above.ancestor_id
    where b.status in ('failed', 'cancelled')
    union all
    select format('%s is %s deep in %s, its parent %s is %s deep in %s', child.id, child.depth, child.thread_id,
      parent.id, parent.depth, parent.thread_id)
    from platos.platos_tasks child join platos.platos_tasks parent on parent.id = child.parent_bgo_id
    where child.thread_id <> parent.thread_id or child.depth <> parent.depth + 1`,
});
