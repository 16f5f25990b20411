import { defaultCaps } from "../../core/caps.ts";
import { activeStatuses } from "../../core/lifecycle.ts";
import { type Invariant, queryInvariant, quotedList } from "./invariant.ts";

const { maxDepth, maxLivePerThread, maxSpawnsPerTurn } = defaultCaps;

export const caps: Invariant = queryInvariant({
  id: "I12",
  sentence: `No thread has more than ${maxLivePerThread} live BGOs, no turn or BGO has spawned more than ${maxSpawnsPerTurn}, none is nested more than ${maxDepth} deep.`,
  text: `
    select format('%s has %s live BGOs', thread_id, count(*)) as violation
    from platos.platos_tasks where status in (${quotedList(activeStatuses)})
    group by thread_id having count(*) > ${maxLivePerThread}
    union all
    select format('%s has spawned %s BGOs', coalesce(turn_id, parent_bgo_id), count(*))
    from platos.platos_tasks where coalesce(turn_id, parent_bgo_id) is not null
    group by coalesce(turn_id, parent_bgo_id) having count(*) > ${maxSpawnsPerTurn}
    union all
    select format('%s is nested %s deep', id, depth) from platos.platos_tasks where depth > ${maxDepth}`,
});
