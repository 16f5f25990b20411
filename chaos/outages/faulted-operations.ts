import { isStoreFailure } from "../../packages/platos-tasks/src/core/errors.ts";
import { silentLog } from "../../packages/platos-tasks/src/core/ports/log.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { call, scriptedModelPort, text } from "../../packages/platos-tasks/src/testing/scripted-model-port.ts";
import type { TestAnswer } from "../../packages/platos-tasks/src/testing/test-server.ts";
import { SuspectLine } from "../../packages/platos-tasks/src/worker/suspect-line.ts";
import { runBgoSegment } from "../../packages/platos-tasks/src/worker/run-bgo-segment.ts";
import { endedOnce } from "../harness/race/ended-once.ts";
import { deliveredNow } from "../harness/race/race-ground.ts";
import type { Trial } from "../harness/race/run-race.ts";
import type { CutOff } from "../harness/race/cut-off.ts";

/** `done`, or `again` when whoever asked was told to ask again; all else is an alarm. */
export type Told = "done" | "again";

/** Something asked for while statements fail. */
export interface Asking {
  /** Throws what nobody may be told. */
  ask(): Promise<Told>;
  /** Once it is done: that it was done once. */
  check(): Promise<void>;
  /** What is to be locked the wrong way round for a deadlock; null: it locks one thing alone. */
  readonly locks: { readonly threadId: string; readonly bgoId: string } | null;
}

export interface FaultedOperation {
  readonly name: string;
  /** About how many statements it takes, and so which of them can be hit. */
  readonly statements: number;
  prepare(trial: Trial, process: CutOff): Promise<Asking>;
}

const never = new AbortController().signal;
const said = "all is done";

const spawn: FaultedOperation = {
  name: "spawn",
  statements: 7,
  async prepare({ ground, index, alarm }, process) {
    const prompt = `trial ${index}`;
    const place = index % 2 === 0 ? { agent: ground.agent.slug } : { threadId: await ground.newThread() };
    let bgoId: unknown = null;
    return {
      locks: null,
      async ask() {
        const answer = await process.post("/platos-tasks", { ...place, prompt, idempotencyKey: prompt });
        bgoId = answer.body["bgoId"];
        return toldBy(answer);
      },
      async check() {
        const rows = await ground.database.query<{ id: string }>(
          "select id from platos.platos_tasks where prompt = $1",
          [prompt],
        );
        const ids = rows.map(({ id }) => id);
        if (ids.length !== 1 || ids[0] !== bgoId)
          alarm(`I1: ${String(bgoId)} was acknowledged; there are the rows [${ids.join(", ")}]`);
      },
    };
  },
};

const cancel: FaultedOperation = {
  name: "cancel",
  statements: 10,
  async prepare({ ground, index, alarm }, process) {
    const request = { threadId: await ground.newThread(), prompt: `trial ${index}` };
    const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, request);
    return {
      locks: { threadId: bgo.threadId, bgoId: bgo.id },
      async ask() {
        return toldBy(await process.post(`/platos-tasks/${bgo.id}/cancel`, {}));
      },
      async check() {
        const status = await endedOnce(ground, bgo.id, alarm);
        if (status !== "cancelled") alarm(`I2: ${bgo.id} was cancelled and is ${status}`);
      },
    };
  },
};

const post: FaultedOperation = {
  name: "post",
  statements: 10,
  async prepare({ ground, index, alarm }, process) {
    const threadId = await ground.newThread();
    const message = { text: `trial ${index}`, idempotencyKey: `trial ${index}` };
    return {
      locks: null,
      async ask() {
        return toldBy(await process.post(`/threads/${threadId}/messages`, message));
      },
      async check() {
        const [row] = await ground.database.query<{ messages: number; turns: number }>(
          `select (select count(*)::int from platos.messages where thread_id = $1) as messages,
             (select count(*)::int from platos.turns where thread_id = $1) as turns`,
          [threadId],
        );
        if (row?.messages !== 1 || row.turns !== 1)
          alarm(`one message was posted to ${threadId}; it has ${row?.messages} and ${row?.turns} turns`);
      },
    };
  },
};

/** A worker's whole delivery: claim, a step, and the end. */
const run: FaultedOperation = {
  name: "run",
  statements: 12,
  async prepare({ ground, index, alarm }, process) {
    const request = { threadId: await ground.newThread(), prompt: `trial ${index}` };
    const { bgo } = await spawnBgo(ground.operations(0), ground.tenant, request);
    const segment = { id: bgo.engineRunId ?? "", ownerId: bgo.id, ownerKind: "bgo" } as const;
    const { operations, clock } = process.runtime;
    const model = scriptedModelPort([
      { parts: [call("report_progress", { message: "on it" })] },
      { parts: [text(said)] },
    ]);
    const live = { publishDelta: () => undefined };
    const suspects = new SuspectLine();
    const worker = { operations, model, tools: [], live, clock, log: silentLog, suspects };
    const controls = { ...deliveredNow, signal: never, stopping: never, hurrying: never };
    let resumptions = 0;
    return {
      locks: { threadId: bgo.threadId, bgoId: bgo.id },
      async ask() {
        try {
          await runBgoSegment(worker, segment, controls, resumptions);
          return "done";
        } catch (error) {
          if (!isStoreFailure(error)) throw error;
          resumptions += 1;
          return "again";
        }
      },
      async check() {
        const status = await endedOnce(ground, bgo.id, alarm);
        const { output, error } = await ground.find(bgo.id);
        if (status !== "completed" || output !== said)
          alarm(`I3: ${bgo.id} is ${status} with ${JSON.stringify(output ?? error)}`);
      },
    };
  },
};

export const faultedOperations = [spawn, cancel, post, run] as const;

/** What an answer of the API says; throws what no client may be told. */
function toldBy({ status, headers, body }: TestAnswer): Told {
  if (status >= 200 && status < 300) return "done";
  if (status === 503 && Number(headers.get("retry-after")) > 0) return "again";
  throw new Error(`it was answered ${status} ${String(body["code"])}`);
}
