import { countOpenWork, type OpenWork } from "../../../packages/platos-tasks/src/cli/doctor/open-work.ts";
import type { Database } from "../../../packages/platos-tasks/src/store/database.ts";
import { sealAudit } from "../../../packages/platos-tasks/src/testing/seal-audit.ts";
import { effectViolations, type SeenEffect } from "../outside/effect-sink.ts";
import type { SeenModelCall } from "../outside/model-stub.ts";
import { watch } from "../until.ts";
import { invariantViolations } from "./invariant-violations.ts";
import type { Acknowledged } from "./acknowledged.ts";

export interface Evidence {
  readonly acknowledged: Acknowledged;
  readonly effects: readonly SeenEffect[];
  readonly modelCalls: readonly SeenModelCall[];
}

const cancelGraceMs = 5000;

/** I18: waits until nothing is left to do. Gives the violation if that takes longer than it may. */
export async function untilQuiet(database: Database, withinMs: number): Promise<string[]> {
  const isQuiet = (open: OpenWork): boolean => open.running + open.due + open.timed + open.behind === 0;
  const open = await watch(() => countOpenWork(database), isQuiet, { withinMs, everyMs: 250 });
  if (isQuiet(open)) return [];
  return [
    `I18: ${withinMs / 1000} s after the last fault ${open.running} are running, ${open.due} due, ${open.timed} on a timer, ${open.behind} behind another turn`,
  ];
}

/** Everything that must hold once the system is quiet: one sentence per case where it does not. */
export async function checkEvidence(database: Database, evidence: Evidence): Promise<string[]> {
  // Somebody frozen amid a transaction holds the seal back; what is sealed is looked at all the same.
  await sealAudit(database).catch(() => undefined);
  return [
    ...(await invariantViolations(database)),
    ...(await lostSpawns(database, evidence.acknowledged)),
    ...(await doubledSpawns(database)),
    ...(await internalFailures(database)),
    ...effectViolations(evidence.effects),
    ...lateStarts(evidence),
    ...(await forgottenCancels(database, evidence.acknowledged)),
    ...(await forgottenDeletions(database, evidence.acknowledged)),
  ];
}

/** I1: every acknowledged spawn has exactly its row. */
async function lostSpawns(database: Database, { spawns }: Acknowledged): Promise<string[]> {
  const { rows } = await database.query<{ id: string; prompt: string; thread_id: string; idempotency_key: string }>(
    "select id, prompt, thread_id, idempotency_key from platos.platos_tasks",
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return spawns.flatMap(({ bgoId, key, prompt, threadId }) => {
    const row = byId.get(bgoId);
    if (row === undefined) return [`I1: ${key} was acknowledged as ${bgoId}, and it is not there`];
    const isIt = row.prompt === prompt && row.thread_id === threadId && row.idempotency_key === key;
    return isIt ? [] : [`I1: ${bgoId} was acknowledged for ${key}, and its row is another's`];
  });
}

/** Each prompt was meant once, whoever asked for it and however often; but for those of schedules. */
async function doubledSpawns(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ prompt: string; count: string }>(
    "select prompt, count(*) from platos.platos_tasks where key_scope not like 'schedule:%' group by prompt having count(*) > 1",
  );
  return rows.map(({ prompt, count }) => `I4: "${prompt}" was spawned ${count} times`);
}

/** Nothing of what was done to it excuses an error that nobody foresaw. */
async function internalFailures(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ id: string; error: unknown }>(
    `select id, error from platos.platos_tasks where error ->> 'code' = 'internal'
     union all select id, error from platos.turns where error ->> 'code' = 'internal'`,
  );
  return rows.map(({ id, error }) => `${id} failed with ${JSON.stringify(error)}`);
}

/** I2: a BGO is what the answer to its cancel has said. */
async function forgottenCancels(database: Database, { cancels }: Acknowledged): Promise<string[]> {
  const { rows } = await database.query<{ id: string; status: string }>(
    "select id, status from platos.platos_tasks where id = any($1)",
    [cancels.map(({ bgoId }) => bgoId)],
  );
  const statuses = new Map(rows.map(({ id, status }) => [id, status]));
  return cancels.flatMap(({ bgoId, outcome }) => {
    const status = statuses.get(bgoId);
    return outcome.replace("already_", "") === status
      ? []
      : [`I2: the cancel of ${bgoId} was answered ${outcome}, and it is ${status ?? "gone"}`];
  });
}

/** I1: a thread that was told to be deleted is. */
async function forgottenDeletions(database: Database, { deletedThreads }: Acknowledged): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    "select id from platos.threads where id = any($1) and deleted_at is null",
    [[...deletedThreads]],
  );
  return rows.map(({ id }) => `I1: ${id} was told to be deleted, and is not`);
}

/** I9: later than the grace after a cancel's answer nothing of that BGO starts, nor of its descendants. */
function lateStarts({ acknowledged, effects, modelCalls }: Evidence): string[] {
  return acknowledged.cancels.flatMap(({ bgoId, prompt, outcome, atMs }) => {
    const endMs = atMs + cancelGraceMs;
    const tag = tagOf(prompt);
    // What was completed may have left children that go on. They are named after it.
    const descendants = outcome === "already_completed" ? null : `${tag.split(" ")[1]}.`;
    const isDescendant = (name: string): boolean => descendants !== null && name.startsWith(descendants);
    const calls = modelCalls.filter(
      (call) => call.atMs > endMs && (call.tag === tag || isDescendant(call.tag.split(" ")[1] ?? "")),
    ).length;
    const later = effects.filter(
      (effect) => effect.atMs > endMs && (effect.bgoId === bgoId || isDescendant(effect.token)),
    ).length;
    if (calls + later === 0) return [];
    return [
      `I9: more than ${cancelGraceMs / 1000} s after the cancel of ${bgoId} it started ${calls} model calls and ${later} tools`,
    ];
  });
}

function tagOf(prompt: string): string {
  return /\[\[([^\]]+)\]\]/u.exec(prompt)?.[1] ?? "";
}
