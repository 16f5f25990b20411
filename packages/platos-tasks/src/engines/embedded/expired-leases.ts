import type { OwnerKind } from "../../core/journal.ts";
import type { Executor } from "../../store/database.ts";
import { queueOf } from "./boss.ts";
import type { SegmentJob } from "./segment-job.ts";

/**
 * What the one who takes it has to say that it is there. Shorter than a lease: the answer to this statement may be lost
 * with the database or the worker, and then it lies with nobody.
 */
const firstLeaseSeconds = 6;

// By the database's clock alone. One statement in place of two, the supervisor's and a fetch, and it leaves the job as
// those two would have: active, at its next delivery, so that everything of the one before is refused.
const text = `
  with expired as (
    select name, id from pgboss.job
    where name = $1 and state = 'active' and heartbeat_on + heartbeat_seconds * interval '1 second' < now()
    order by heartbeat_on limit $2 for update skip locked
  )
  update pgboss.job job
  set started_on = now(), retry_count = retry_count + 1,
    heartbeat_on = now() - (heartbeat_seconds - ${firstLeaseSeconds}) * interval '1 second'
  from expired where job.name = expired.name and job.id = expired.id
  returning job.id, job.data, job.retry_count as "retryCount"`;

/** Takes segments whose worker has been silent for a lease, the longest silent ones first. */
export async function takeExpired(
  executor: Executor,
  { ownerKind, limit }: { readonly ownerKind: OwnerKind; readonly limit: number },
): Promise<readonly SegmentJob[]> {
  const { rows } = await executor.query<{ id: string; retryCount: number; data: SegmentJob["data"] }>(text, [
    queueOf[ownerKind],
    limit,
  ]);
  return rows;
}
