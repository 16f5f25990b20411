import type { Database } from "../../packages/platos-tasks/src/store/database.ts";
import type { Evidence } from "../harness/evidence/check-evidence.ts";
import type { EventWatcher } from "../harness/evidence/event-watcher.ts";
import { durations } from "../harness/figures.ts";
import type { StormPromises } from "./check-promises.ts";
import type { Fleet } from "./fleet.ts";
import type { RestartWatch } from "./restart-watch.ts";
import type { Striker } from "./strike.ts";

export interface StormResult {
  readonly database: Database;
  readonly evidence: Evidence;
  readonly promises: StormPromises;
  readonly fleet: Fleet;
  readonly striker: Striker;
  readonly restarts: RestartWatch;
  readonly watchers: readonly EventWatcher[];
  readonly violations: readonly string[];
  readonly quietAfterMs: number;
}

export async function stormFigures(result: StormResult): Promise<Record<string, number>> {
  const { evidence, promises, fleet, striker, restarts, watchers, quietAfterMs } = result;
  const { acknowledged, effects, modelCalls } = evidence;
  const abortMs = cancelAbortMs(evidence);
  const { tookMs } = fleet.takeovers;
  return {
    ...(await countsBy(
      result.database,
      "bgos",
      "select concat_ws('_', status, error ->> 'code') as name from platos.platos_tasks",
    )),
    acknowledgedSpawns: acknowledged.spawns.length,
    acknowledgedCancels: acknowledged.cancels.length,
    acknowledgedMessages: promises.messages.length,
    acknowledgedAnswers: promises.answers.length,
    acknowledgedSchedules: promises.schedules.length,
    ...(await countsBy(result.database, "waits", "select concat_ws('_', kind, status) as name from platos.waitpoints")),
    ...(await countsBy(result.database, "fires", "select outcome as name from platos.schedule_fires")),
    ...(await countsBy(
      result.database,
      "turns",
      "select concat_ws('_', cause, status, error ->> 'code') as name from platos.turns",
    )),
    ...(await countsBy(
      result.database,
      "children",
      "select status as name from platos.platos_tasks where parent_bgo_id is not null",
    )),
    deletedThreads: acknowledged.deletedThreads.size,
    ...striker.counts,
    ...fleet.counts,
    lostAcknowledgements: fleet.lostAcknowledgements,
    modelCalls: modelCalls.length,
    modelFaults: modelCalls.filter(({ fault }) => fault !== null).length,
    effects: effects.length,
    eventStreams: watchers.reduce((total, { counts }) => total + counts.connections, 0),
    eventResyncs: watchers.reduce((total, { counts }) => total + counts.resyncs, 0),
    takeovers: tookMs.length,
    ...durations("takeover", tookMs),
    restartsWithSpawn: restarts.tookMs.length,
    ...durations("spawnAfterRestart", restarts.tookMs),
    cancelsOfRunningCalls: abortMs.length,
    ...durations("cancelAbort", abortMs),
    quietAfterMs: Math.round(quietAfterMs),
    ...broken(result.violations),
  };
}

/** `text` gives a `name` for each row; the figures are how many there are, in all and of each name. */
async function countsBy(database: Database, figure: string, text: string): Promise<Record<string, number>> {
  const { rows } = await database.query<{ name: string; count: string }>(
    `select name, count(*) from (${text}) named group by name order by name`,
  );
  const counts = rows.map(({ name, count }) => [`${figure}_${name}`, Number(count)] as const);
  return { [figure]: counts.reduce((total, [, count]) => total + count, 0), ...Object.fromEntries(counts) };
}

/** From a cancel's answer to the end of the model call that ran then, as the model saw it; 0 when it ended sooner. */
function cancelAbortMs({ acknowledged, modelCalls }: Evidence): number[] {
  return acknowledged.cancels.flatMap(({ prompt, outcome, askedAtMs, atMs }) => {
    if (outcome !== "cancelled") return [];
    const call = modelCalls.findLast(
      (each) => prompt.includes(`[[${each.tag}]]`) && each.atMs < atMs && each.fault === "hang",
    );
    return call?.goneAtMs == null || call.goneAtMs < askedAtMs ? [] : [Math.max(0, call.goneAtMs - atMs)];
  });
}

function broken(violations: readonly string[]): Record<"lost" | "doubled" | "torn", number> {
  const kindOf = (violation: string): "lost" | "doubled" | "torn" => {
    if (/^I1:|^I18:/u.test(violation)) return "lost";
    return /^I3:|^I4:|^I8:/u.test(violation) ? "doubled" : "torn";
  };
  const counts = { lost: 0, doubled: 0, torn: 0 };
  for (const violation of violations) counts[kindOf(violation)] += 1;
  return counts;
}
