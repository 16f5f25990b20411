import type { Exercise } from "./exercise.ts";
import { calendarAgainstOracle } from "./calendar/calendar-against-oracle.ts";
import { embeddedDatabase } from "./embedded/embedded-database.ts";
import { cancelReachesTheWork } from "./model/cancel-reaches-the-work.ts";
import { hugeAndBrokenText } from "./model/huge-and-broken-text.ts";
import { providerFaults } from "./model/provider-faults.ts";
import { runaway } from "./model/runaway.ts";
import { clean } from "./planted-bugs/clean.ts";
import { planted } from "./planted-bugs/planted.ts";
import { plainPromises } from "./planted-bugs/plain-promises.ts";
import { databaseLimits } from "./outages/database-limits.ts";
import { restartedDatabase } from "./outages/restarted-database.ts";
import { silentListener } from "./outages/silent-listener.ts";
import { sqlstates } from "./outages/sqlstates.ts";
import { answerAroundSuspend } from "./races/waits/answer-around-suspend.ts";
import { cancelAgainstFinal } from "./races/ends/cancel-against-final.ts";
import { capsUnderRace } from "./races/spawns/caps-under-race.ts";
import { changedUnderneath } from "./races/changes/changed-underneath.ts";
import { commitAckDropped } from "./races/spawns/commit-ack-dropped.ts";
import { crashCount } from "./races/workers/crash-count.ts";
import { deliveredTwice } from "./races/workers/delivered-twice.ts";
import { droppedReaders } from "./races/readers/dropped-readers.ts";
import { endsInOneThread } from "./races/ends/ends-in-one-thread.ts";
import { everyStatusCancelled } from "./races/ends/every-status-cancelled.ts";
import { failedWrites } from "./races/workers/failed-writes.ts";
import { killedWorker } from "./races/workers/killed-worker.ts";
import { migratedUnderneath } from "./races/changes/migrated-underneath.ts";
import { poison } from "./races/workers/poison.ts";
import { reaperAgainstCompletion } from "./races/workers/reaper-against-completion.ts";
import { sameKeyOtherArgs } from "./races/spawns/same-key-other-args.ts";
import { severalAnswers } from "./races/waits/several-answers.ts";
import { spawnByTwenty } from "./races/spawns/spawn-by-twenty.ts";
import { stoppedWorker } from "./races/workers/stopped-worker.ts";
import { threeEndsOfAWait } from "./races/waits/three-ends-of-a-wait.ts";
import { threadDeleted } from "./races/ends/thread-deleted.ts";
import { twoIntendedSpawns } from "./races/spawns/two-intended-spawns.ts";
import { twoWorkers } from "./races/workers/two-workers.ts";
import { simulation } from "./simulation/simulation.ts";
import { storm } from "./storm/storm.ts";
import { failpointSweep } from "./sweep/failpoint-sweep.ts";
import { killedAtTheSpawn } from "./sweep/killed-at-the-spawn.ts";
import { rollingRestartExercise } from "./sweep/rolling-restart.ts";

/** Everything that `npm run chaos` can run, by the name it is called with. */
export const exercises: Readonly<Record<string, Exercise>> = {
  T0: simulation,
  T1: failpointSweep,
  T2: storm({ summary: "random chaos over the whole product, 5 minutes", defaultMinutes: 5 }),
  T3: storm({ summary: "the same for 60 minutes", defaultMinutes: 60 }),
  planted,
  clean,
  "answer-around-suspend": answerAroundSuspend,
  "calendar-against-oracle": calendarAgainstOracle,
  "cancel-against-final": cancelAgainstFinal,
  "cancel-reaches-the-work": cancelReachesTheWork,
  "caps-under-race": capsUnderRace,
  "changed-underneath": changedUnderneath,
  "commit-ack-dropped": commitAckDropped,
  "crash-count": crashCount,
  "database-limits": databaseLimits,
  "delivered-twice": deliveredTwice,
  "dropped-readers": droppedReaders,
  "embedded-database": embeddedDatabase,
  "ends-in-one-thread": endsInOneThread,
  "every-status-cancelled": everyStatusCancelled,
  "failed-writes": failedWrites,
  "huge-and-broken-text": hugeAndBrokenText,
  "killed-at-the-spawn": killedAtTheSpawn,
  "killed-worker": killedWorker,
  "migrated-underneath": migratedUnderneath,
  "plain-promises": plainPromises,
  "provider-faults": providerFaults,
  poison,
  "reaper-against-completion": reaperAgainstCompletion,
  "restarted-database": restartedDatabase,
  runaway,
  "rolling-restart": rollingRestartExercise,
  "same-key-other-args": sameKeyOtherArgs,
  "several-answers": severalAnswers,
  "silent-listener": silentListener,
  "spawn-by-twenty": spawnByTwenty,
  sqlstates,
  "stopped-worker": stoppedWorker,
  "three-ends-of-a-wait": threeEndsOfAWait,
  "thread-deleted": threadDeleted,
  "two-intended-spawns": twoIntendedSpawns,
  "two-workers": twoWorkers,
};
