import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../../packages/platos-tasks/src/store/database.ts";
import { watch } from "../harness/until.ts";
import type { WorkerPlace } from "./outage-scene.ts";
import type { Troubled } from "./troubles.ts";

/** A worker whose link to the database has fallen silent in the middle of a BGO. */
export interface SilentWorker {
  /** Waits for another one to take over, for the link to heal then, and for the end, and says what is wrong with the BGO then. */
  heal(database: Database): Promise<readonly string[]>;
}

const endMs = 60_000;
const lookMs = 100;
/** For what it still had to say, once it can be heard. */
const lateWritesMs = 2000;

export async function silenceWorker({ scene, clients }: Troubled, trial: number): Promise<SilentWorker> {
  const tag = `slow ${trial}`;
  const holds = scene.workers.map((worker) => ({ worker, ...worker.model.holdNext(tag) }));
  const threadId = await clients.newThread();
  const { bgoId } = await clients.spawn({ threadId, key: `key ${tag}`, prompt: `[[${tag}]]` });
  const { worker, answer } = await Promise.race(holds.map((hold) => hold.asked.then(() => hold)));
  worker.proxy.set({ kind: "hold" });
  // It has its answer now, and nobody to tell.
  answer.open();
  const heirs = holds.filter((hold) => hold.worker !== worker);
  const taken = Promise.race([
    ...heirs.map(({ asked }) => asked.then(() => true)),
    delay(endMs, false, { ref: false }),
  ]);
  // What it still has to say arrives while the heir is at work.
  const healed = taken.then(async () => {
    worker.proxy.set({ kind: "pass" });
    await delay(lateWritesMs);
    for (const heir of heirs) heir.answer.open();
  });
  return {
    async heal(database) {
      await healed;
      if (!(await taken) || !(await untilEnded(database, bgoId)))
        return [`I18: nobody took over ${bgoId} from the silent ${worker.name} within ${endMs} ms`];
      return whatIsWrong(database, { bgoId, silent: worker });
    },
  };
}

function untilEnded(database: Database, bgoId: string): Promise<boolean> {
  const text = "select id from platos.platos_tasks where id = $1 and finished_at is not null";
  const hasEnded = async (): Promise<boolean> => (await database.query(text, [bgoId])).rows.length > 0;
  return watch(hasEnded, Boolean, { withinMs: endMs, everyMs: lookMs });
}

async function whatIsWrong(
  database: Database,
  { bgoId, silent }: { readonly bgoId: string; readonly silent: WorkerPlace },
): Promise<string[]> {
  const { rows } = await database.query<{ status: string; epoch: number; output: unknown; messages: number }>(
    `select b.status, b.epoch, b.output,
       (select count(*)::int from platos.messages m where m.bgo_id = b.id and m.terminal) as messages
     from platos.platos_tasks b where b.id = $1`,
    [bgoId],
  );
  const [row] = rows;
  if (row?.status === "completed" && row.output !== silent.name && row.messages === 1) return [];
  return [`I6: ${bgoId}, taken over from the silent ${silent.name}, is ${JSON.stringify(row)}`];
}
