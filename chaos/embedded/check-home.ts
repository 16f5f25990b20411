import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { attachToEmbeddedPostgres } from "../../packages/platos-tasks/src/store/embedded-postgres/attach-to-embedded-postgres.ts";
import { Database } from "../../packages/platos-tasks/src/store/database.ts";
import { atRest } from "../../packages/platos-tasks/src/store/invariants/at-rest.ts";
import type { Acknowledged } from "../harness/evidence/acknowledged.ts";
import { checkEvidence, untilQuiet } from "../harness/evidence/check-evidence.ts";

/** Longer than a lease that a killed process has left. */
const quietMs = 60_000;

export interface HomeCheck {
  /** One sentence per case in which something does not hold that must. */
  readonly violations: readonly string[];
  readonly completed: number;
}

/**
 * Waits until the running home has nothing left to do, then looks: what `platos doctor --at-rest` checks, and that
 * every acknowledged spawn is there and has ended with one message.
 */
export async function checkHome(homeDir: string, acknowledged: Acknowledged): Promise<HomeCheck> {
  const { connectionString } = await attachToEmbeddedPostgres({ homeDir });
  const database = new Database({ connectionString, poolSize: 4, log: silentLog });
  try {
    const late = await untilQuiet(database, quietMs);
    const storm = await checkEvidence(database, { acknowledged, effects: [], modelCalls: [] });
    const open = await atRest.violations(database);
    const ends = await endsOf(database);
    return {
      violations: [
        ...late,
        ...storm,
        ...open.map((violation) => `${atRest.id}: ${violation}`),
        ...acknowledged.spawns.flatMap(({ bgoId }) => {
          const messages = ends.get(bgoId)?.messages ?? 0;
          return messages === 1 ? [] : [`I3: ${bgoId} was acknowledged and has ${messages} terminal messages`];
        }),
        ...acknowledged.alarms,
      ],
      completed: acknowledged.spawns.filter(({ bgoId }) => ends.get(bgoId)?.status === "completed").length,
    };
  } finally {
    await database.close();
  }
}

interface End {
  readonly id: string;
  readonly status: string;
  readonly messages: number;
}

async function endsOf(database: Database): Promise<ReadonlyMap<string, End>> {
  const { rows } = await database.query<End & Record<string, unknown>>(
    `select task.id, task.status, count(message.id)::int as messages
     from platos.platos_tasks task
     left join platos.messages message on message.bgo_id = task.id and message.terminal
     group by task.id, task.status`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
