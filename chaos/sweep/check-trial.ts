import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import { effectViolations, type SeenEffect } from "../harness/outside/effect-sink.ts";
import { invariantViolations } from "../harness/evidence/invariant-violations.ts";
import type { SeenModelCall } from "../harness/outside/model-stub.ts";
import type { ClientRequest } from "./client-request.ts";
import type { Lane } from "./lane.ts";
import { type Job, jobOf } from "./model-script.ts";
import type { Workload } from "./workload.ts";

/** Everything that is known about a trial when all is quiet. */
export interface TrialRecord {
  readonly lane: Lane;
  readonly workload: Workload;
  readonly trial: string;
  readonly caller: Caller;
  /** How often a process was lost, or a call failed: each may cost one model call. */
  readonly faults: number;
  /** How many of them went on without knowing that they had been overtaken. */
  readonly zombies: number;
  readonly acknowledged: readonly { readonly request: ClientRequest; readonly id: string }[];
  readonly calls: readonly SeenModelCall[];
  readonly effects: readonly SeenEffect[];
}

/** Everything that must not be and is, one sentence each. */
export async function violationsOf(record: TrialRecord): Promise<string[]> {
  const found = await invariantViolations(record.lane.database);
  const bgos = await readBgos(record);
  found.push(
    ...bgoViolations(record, bgos),
    ...(await turnViolations(record)),
    ...acknowledgementViolations(record, bgos),
    ...(await modelCallViolations(record, bgos)),
    ...effectViolations(record.effects),
  );
  return found;
}

interface BgoEnd {
  readonly id: string;
  readonly job: Job;
  readonly status: string;
  readonly terminalMessages: number;
}

async function readBgos({ lane, caller }: TrialRecord): Promise<readonly BgoEnd[]> {
  const { rows } = await lane.database.query<{ id: string; prompt: string; status: string; messages: string }>(
    `select id, prompt, status,
       (select count(*) from platos.messages m where m.bgo_id = b.id and m.terminal) as messages
     from platos.platos_tasks b where env_id = $1 order by id`,
    [caller.scope.envId],
  );
  return rows.map(({ id, prompt, status, messages }) => {
    const job = jobOf(/\[\[([^\]]+)\]\]/u.exec(prompt)?.[1] ?? "");
    if (job === null) throw new Error(`Nobody asked for "${prompt}".`);
    return { id, job, status, terminalMessages: Number(messages) };
  });
}

function bgoViolations({ workload }: TrialRecord, bgos: readonly BgoEnd[]): string[] {
  const found: string[] = [];
  for (const [job, status] of Object.entries(workload.bgos)) {
    const those = bgos.filter((bgo) => bgo.job === job);
    if (those.length !== 1) found.push(`I1: there are ${those.length} BGOs for the one ${job} that was asked for`);
    for (const bgo of those) {
      if (bgo.status !== status) found.push(`I2: ${bgo.id} (${job}) is ${bgo.status} instead of ${status}`);
    }
  }
  for (const { id, terminalMessages } of bgos) {
    if (terminalMessages !== 1) found.push(`I3: ${id} has ${terminalMessages} terminal messages`);
  }
  return found;
}

async function turnViolations({ lane, caller }: TrialRecord): Promise<string[]> {
  const { rows } = await lane.database.query<{ id: string; status: string }>(
    "select id, status from platos.turns where env_id = $1 and status <> 'completed'",
    [caller.scope.envId],
  );
  return rows.map(({ id, status }) => `I2: ${id} is ${status} instead of completed`);
}

/** I1, I4: what was acknowledged is there, and a request that was asked several times had one answer. */
function acknowledgementViolations({ acknowledged }: TrialRecord, bgos: readonly BgoEnd[]): string[] {
  const found: string[] = [];
  const answers = Map.groupBy(acknowledged, ({ request }) => request);
  for (const [request, given] of answers) {
    const ids = new Set(given.map(({ id }) => id));
    if (ids.size > 1) found.push(`I4: one ${request.kind} was answered with ${[...ids].join(" and ")}`);
    if (request.kind === "post") continue;
    for (const id of ids) {
      if (!bgos.some((bgo) => bgo.id === id)) found.push(`I1: ${id} was acknowledged and is not there`);
    }
  }
  return found;
}

interface ModelStep {
  readonly job: Job;
  /** Number of the answer within its conversation. */
  readonly turn: number;
  readonly atMs: number;
}

/**
 * P8.a: the model is asked at most once per recorded answer and fault, and never for an answer that is recorded. Only a
 * zombie, which cannot know yet, may ask once for what its successor has recorded meanwhile.
 */
async function modelCallViolations(record: TrialRecord, bgos: readonly BgoEnd[]): Promise<string[]> {
  const { workload, calls, faults, zombies } = record;
  const steps = await readModelSteps(record, bgos);
  const found: string[] = [];
  for (const [tag, asked] of Map.groupBy(calls, (call) => call.tag)) {
    const job = jobOf(tag);
    if (job === null) continue;
    const recorded = steps.filter((step) => step.job === job);
    const allowed = recorded.length + faults + (workload.unrecordedCalls[job] ?? 0);
    if (asked.length > allowed) {
      found.push(`P8.a: ${job} was asked ${asked.length} times for ${recorded.length} recorded answers`);
    }
    const repeated = asked.filter((call) =>
      recorded.some((step) => step.turn === call.turn && call.atMs > step.atMs + clockGrainMs),
    );
    if (repeated.length > zombies) {
      found.push(`P8.a: ${job} was asked again for recorded answer ${repeated.map(({ turn }) => turn).join(", ")}`);
    }
  }
  return found;
}

const clockGrainMs = 1;

async function readModelSteps(
  { lane, caller, workload }: TrialRecord,
  bgos: readonly BgoEnd[],
): Promise<readonly ModelStep[]> {
  const { rows } = await lane.database.query<{ owner_id: string; created_at: Date }>(
    "select owner_id, created_at from platos.steps where env_id = $1 and kind = 'model' order by created_at, step_no",
    [caller.scope.envId],
  );
  const counts = new Map<Job, number>();
  return rows.map(({ owner_id, created_at }) => {
    // Turns of a thread follow each other: their answers are one conversation.
    const job = bgos.find((bgo) => bgo.id === owner_id)?.job ?? workload.turnJob ?? "chat";
    const turn = counts.get(job) ?? 0;
    counts.set(job, turn + 1);
    return { job, turn, atMs: created_at.getTime() };
  });
}
