import { isTerminal } from "../../packages/platos-tasks/src/core/lifecycle.ts";
import type { ModelPort } from "../../packages/platos-tasks/src/core/ports/model.ts";
import type { BgoRow } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { Tool } from "../../packages/platos-tasks/src/core/tool.ts";
import { runSegment } from "../harness/race/played-worker.ts";
import type { Trial } from "../harness/race/run-race.ts";

/** More deliveries than any BGO may take: it would never end. */
const maxDeliveries = 100;

/** Delivers a BGO until it has ended; the pauses before its next attempts are over at once. */
export async function playToTheEnd(
  { ground, index }: Pick<Trial, "ground" | "index">,
  of: { readonly bgoId: string; readonly model: ModelPort; readonly tools: readonly Tool[] },
): Promise<BgoRow> {
  for (let deliveries = 0; deliveries < maxDeliveries; deliveries += 1) {
    const bgo = await ground.find(of.bgoId);
    if (isTerminal(bgo.status)) return bgo;
    if (bgo.engineRunId === null) {
      const text =
        "update platos.platos_tasks set wake_at = null, segment_id = gen_random_uuid() where id = $1 and segment_id is null";
      await ground.database.query(text, [bgo.id]);
    } else {
      await runSegment({ ground }, { bgo, model: of.model, runtime: index, tools: of.tools });
    }
  }
  throw new Error(`${of.bgoId} was delivered ${maxDeliveries} times and has not ended.`);
}
