import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "../../../packages/platos-tasks/src/core/ports/log.ts";
import type { ModelPort } from "../../../packages/platos-tasks/src/core/ports/model.ts";
import type { AssistantPart } from "../../../packages/platos-tasks/src/core/transcript.ts";
import type { Caller } from "../../../packages/platos-tasks/src/operations/context.ts";
import { postMessage } from "../../../packages/platos-tasks/src/operations/post-message.ts";
import { spawnBgo } from "../../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { completeWaitpoint } from "../../../packages/platos-tasks/src/operations/waits/complete-waitpoint.ts";
import type { Runtime } from "../../../packages/platos-tasks/src/runtime.ts";
import { Database } from "../../../packages/platos-tasks/src/store/database.ts";
import { readMigrations } from "../../../packages/platos-tasks/src/store/migrate.ts";
import { sealAudit } from "../../../packages/platos-tasks/src/testing/seal-audit.ts";
import { createTestDatabase, type TestDatabase } from "../../../packages/platos-tasks/src/testing/test-database.ts";
import {
  createTestAgent,
  createTestTenant,
  createTestThread,
  eventually,
  openTestRuntime,
} from "../../../packages/platos-tasks/src/testing/test-runtime.ts";
import { invariantViolations } from "../../harness/evidence/invariant-violations.ts";
import { Migrator } from "./migrator.ts";
import { describeSchema, takeBack } from "./older-schema.ts";
import { promptOf, responseOf } from "../../harness/race/played-model.ts";
import { stagedRaceExercise, type Trial } from "../../harness/race/run-race.ts";

const ofEach = 3;
const longestLifeMs = 40;
const laterMs = 3_600_000;
/** Of the first migrations, those that hold waits. */
const levelWithWaits = 2;

/** Waits once if it is asked to, and is done. */
const model: ModelPort = {
  async respond(request) {
    const waits = promptOf(request).startsWith("wait") && request.transcript.length === 1;
    const part: AssistantPart = waits
      ? { type: "tool_call", callId: "c1", tool: "wait_for_token", args: { question: "Ready?" } }
      : { type: "text", text: "done" };
    return responseOf([part]);
  },
};

/** F43: a database with work in it, left by an older version, and migrators that race and die. */
export const migratedUnderneath = stagedRaceExercise<string>({
  summary:
    "a database of an older version, with work in it, migrated by two at once of whom one, both or none are killed",
  ciTrials: 5,
  releaseTrials: 50,
  lanes: 1,
  runtimes: 1,
  mustHappen: ["fromMigration1", "fromMigration2", "migratorsKilled"],
  prepare: (ground) => describeSchema(ground.database.connectionString),
  async run(trial, newest) {
    const level = 1 + (trial.index % ((await readMigrations()).length - 1));
    const database = await createTestDatabase(trial.ground.database.connectionString);
    try {
      const caller = await leaveWork(database, level);
      await takeBack(database.connectionString, level);
      await migrateAmidDeaths(trial, database);
      if ((await describeSchema(database.connectionString)) !== newest)
        trial.alarm("F43: the schema is not the newest");
      await goOn(trial, { database, caller });
      trial.count(`fromMigration${level}`);
    } finally {
      await database.drop();
    }
  },
});

/** BGOs that are done, that wait, that are queued and scheduled, and a turn that nobody has begun. */
async function leaveWork(database: TestDatabase, level: number): Promise<Caller> {
  const { connectionString } = database;
  const worker = await openTestRuntime({ connectionString, model, tools: [] });
  const caller = await createTestTenant(worker);
  const agent = await createTestAgent(worker, caller);
  const threadId = await createTestThread(worker, caller, agent);
  const spawn = (runtime: Runtime, prompt: string, more: { readonly runAt?: Date } = {}): Promise<unknown> =>
    spawnBgo(runtime.operations, caller, { threadId, prompt, ...more });
  await worker.startWorker();
  for (let count = 0; count < ofEach; count += 1) {
    await spawn(worker, `done ${count}`);
    if (level >= levelWithWaits) await spawn(worker, `wait ${count}`);
  }
  await eventually("nobody to be at work", async () => (await inStatus(database, ["queued", "running"])).length === 0);
  await worker.stop({ graceMs: 2000 });
  const server = await openTestRuntime({ connectionString, model, tools: [], env: { PLATOS_ROLE: "server" } });
  for (let count = 0; count < ofEach; count += 1) {
    await spawn(server, `queued ${count}`);
    await spawn(server, `scheduled ${count}`, { runAt: new Date(Date.now() + laterMs) });
  }
  await postMessage(server.operations, caller, { threadId, text: "and you?" });
  await server.stop({ graceMs: 0 });
  return caller;
}

async function inStatus(database: TestDatabase, statuses: readonly string[]): Promise<readonly { id: string }[]> {
  return database.query<{ id: string }>("select id from platos.platos_tasks where status = any($1)", [statuses]);
}

/** Two at once; one of them is killed on its way, or both, or none, and a third one finds what is left. */
async function migrateAmidDeaths({ index, random, count, alarm }: Trial, database: TestDatabase): Promise<void> {
  const { connectionString } = database;
  const [first, second, third] = await Promise.all([
    Migrator.start(connectionString),
    Migrator.start(connectionString),
    Migrator.start(connectionString),
  ]);
  try {
    first.go();
    second.go();
    const doomed = [[first], [first, second], []][index % 3] ?? [];
    await Promise.all(doomed.map((migrator) => delay(random.between(0, longestLifeMs)).then(() => migrator.kill())));
    const bySecond = await second.done;
    for (const migrator of [first, second]) {
      if ((await migrator.done) !== null) continue;
      if (doomed.includes(migrator)) count("migratorsKilled");
      else alarm("F43: a migrator that nobody killed died beside another");
    }
    third.go();
    const left = await third.done;
    if (left === null) return alarm("F43: the migrator that came last could not go on");
    if (left.length > 0) count("stepsLeftToTheLast", left.length);
    if (bySecond !== null && left.length > 0)
      alarm(`F43: ${left.join(", ")} was not applied by one that said it was done`);
  } finally {
    await Promise.all([first, second, third].map((migrator) => migrator.kill()));
  }
}

/** A worker of today does what was left to do; what waited is answered, what is scheduled comes due. */
async function goOn(
  { alarm, count }: Trial,
  { database, caller }: { readonly database: TestDatabase; readonly caller: Caller },
): Promise<void> {
  const { connectionString } = database;
  const runtime = await openTestRuntime({ connectionString, model, tools: [] });
  const look = new Database({ connectionString, poolSize: 2, log: silentLog });
  try {
    await runtime.startWorker();
    await answerAll(runtime, { database, caller });
    await database.query("update platos.platos_tasks set run_at = now(), wake_at = now() where status = 'scheduled'");
    const open = ["scheduled", "queued", "running", "waiting"];
    await eventually("all that was left to be done", async () => (await inStatus(database, open)).length === 0);
    await eventually("the turn to end", async () => {
      const turns = await database.query("select id from platos.turns where status in ('queued', 'running')");
      return turns.length === 0;
    });
    const wrong = await database.query<{ id: string; status: string; messages: number }>(
      `select id, status, messages from (select id, status,
         (select count(*)::int from platos.messages m where m.bgo_id = b.id and m.terminal) as messages
         from platos.platos_tasks b) ends where status <> 'completed' or messages <> 1`,
    );
    for (const { id, status, messages } of wrong) alarm(`I3: ${id} is ${status} with ${messages} terminal messages`);
    await sealAudit(look);
    for (const violation of await invariantViolations(look)) alarm(violation);
    count("bgosThatWentOn", (await inStatus(database, ["completed"])).length);
  } finally {
    await look.close();
    await runtime.stop({ graceMs: 2000 });
  }
}

async function answerAll(
  { operations }: Runtime,
  { database, caller }: { readonly database: TestDatabase; readonly caller: Caller },
): Promise<void> {
  const open = await database.query<{ id: string }>("select id from platos.waitpoints where status = 'open'");
  for (const { id } of open) {
    const found = await operations.store.autocommit.waitpoints.find(caller.scope, id);
    if (found === null) throw new Error(`There is no ${id}.`);
    await completeWaitpoint(operations, found, { status: "completed", value: "yes", actor: caller.actor });
  }
}
