import type { Agent } from "../../packages/platos-tasks/src/core/agent.ts";
import type { Actor } from "../../packages/platos-tasks/src/core/actor.ts";
import { noUsage } from "../../packages/platos-tasks/src/core/budget.ts";
import { isTerminal } from "../../packages/platos-tasks/src/core/lifecycle.ts";
import {
  type BgoQueries,
  type BgoRow,
  type BgoTransition,
  type CapCounts,
  KeyTaken,
  type NewBgo,
} from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { Scope } from "../../packages/platos-tasks/src/core/scope.ts";
import type { SimulatedTransaction } from "./simulated-database.ts";
import type { StoredBgo } from "./simulated-rows.ts";
import { closeWaits } from "./simulated-waitpoints.ts";
import { onlySupported, type StatementContext } from "./statements.ts";
import { writeAudit } from "./write-audit.ts";

type Supported =
  | "insert"
  | "find"
  | "findForSegment"
  | "findByKey"
  | "countForCaps"
  | "lockLiveDescendants"
  | "transition"
  | "startScheduled"
  | "listArtifacts"
  | "annotate";

/** The row as the port tells it. */
function rowOf(stored: StoredBgo, nowMs: number): BgoRow {
  const untilMs = stored.finishedAt?.getTime() ?? nowMs;
  return {
    ...stored,
    idempotencyKey: stored.keyIsDerived ? null : stored.key,
    elapsedSeconds: (untilMs - (stored.startedAt?.getTime() ?? untilMs)) / 1000,
  };
}

export function simulatedBgos({ statement, nowMs }: StatementContext, agent: Agent): BgoQueries {
  const told = (stored: StoredBgo | null | undefined): BgoRow | null =>
    stored === null || stored === undefined ? null : rowOf(stored, nowMs());
  const part: Pick<BgoQueries, Supported> = {
    insert: (scope, bgo, actor) =>
      statement("bgos.insert", [scope, bgo, actor], async (tx) => {
        const stored = storedOf(scope, bgo, nowMs());
        if (!(await tx.insert("bgo", bgo.id, stored))) throw new KeyTaken(bgo);
        await auditSpawn(tx, stored, actor);
        return rowOf(stored, nowMs());
      }),
    find: (scope, bgoId) =>
      statement("bgos.find", [scope, bgoId], (tx) => {
        const row = tx.read("bgo", bgoId);
        return row?.scope.envId === scope.envId ? told(row) : null;
      }),
    findForSegment: (bgoId, segmentId) =>
      statement("bgos.findForSegment", [bgoId, segmentId], (tx) => {
        const bgo = told(tx.read("bgo", bgoId));
        return bgo === null || bgo.engineRunId !== segmentId ? null : { bgo, agent };
      }),
    findByKey: (scope, key) =>
      statement("bgos.findByKey", [scope, key], (tx) =>
        told(
          tx
            .all("bgo")
            .find(
              (row) =>
                row.scope.envId === scope.envId && row.keyScope === key.keyScope && row.key === key.idempotencyKey,
            ),
        ),
      ),
    countForCaps: (of) => statement("bgos.countForCaps", [of], (tx) => countForCaps(tx, of)),
    lockLiveDescendants: (bgoId) =>
      statement("bgos.lockLiveDescendants", [bgoId], async (tx) => {
        const rows: BgoRow[] = [];
        for (const { id } of descendantsOf(tx, bgoId)) {
          const row = told(await tx.lock("bgo", id, ({ status }) => !isTerminal(status)));
          if (row !== null) rows.push(row);
        }
        return rows;
      }),
    transition: (transition) =>
      statement("bgos.transition", [transition], async (tx) => told(await transitionBgo(tx, transition, nowMs()))),
    startScheduled: (starts, by) =>
      statement("bgos.startScheduled", [starts, by], async (tx) => {
        const started: string[] = [];
        for (const { bgoId, segmentId } of starts) {
          const changes = { segmentId, wakeInMs: null };
          const move = { id: bgoId, from: ["scheduled"], to: "queued", guard: "any", changes, ...by } as const;
          if ((await transitionBgo(tx, move, nowMs())) !== null) started.push(bgoId);
        }
        return started;
      }),
    // Nothing in a simulated world makes files.
    listArtifacts: (scope, bgoId) => statement("bgos.listArtifacts", [scope, bgoId], () => []),
    annotate: (bgo, notes) =>
      statement("bgos.annotate", [bgo, notes], async (tx) => {
        const annotated = await tx.update("bgo", bgo.id, {
          match: (row) => row.epoch === bgo.epoch && row.status === "running",
          change: (row) => ({
            ...row,
            progress: notes.progress ?? row.progress,
            stagedResult: notes.stagedResult ?? row.stagedResult,
            rev: row.rev + 1,
          }),
        });
        return annotated !== null;
      }),
  };
  return onlySupported<BgoQueries>(part);
}

function storedOf(scope: Scope, bgo: NewBgo, nowMs: number): StoredBgo {
  const { segmentId, idempotencyKey, ...rest } = bgo;
  return {
    ...rest,
    scope,
    key: idempotencyKey,
    engineRunId: segmentId,
    output: null,
    error: null,
    progress: null,
    stagedResult: null,
    attempt: 1,
    crashes: 0,
    epoch: 0,
    rev: 1,
    nextStep: 0,
    usage: noUsage,
    modelCalls: 0,
    createdAt: new Date(nowMs),
    startedAt: null,
    finishedAt: null,
    wakeAtMs: bgo.status === "scheduled" ? (bgo.runAt?.getTime() ?? null) : null,
    movedAtMs: nowMs,
  };
}

async function auditSpawn(tx: SimulatedTransaction, { id, status, threadId }: StoredBgo, actor: Actor): Promise<void> {
  const details = { status, threadId };
  await writeAudit(tx, { actor, action: "bgo.spawned", targetType: "bgo", targetId: id, details });
}

async function countForCaps(
  tx: SimulatedTransaction,
  { threadId, turnId, parentBgoId }: Parameters<BgoQueries["countForCaps"]>[0],
): Promise<CapCounts> {
  if (turnId !== null) await tx.lock("turn", turnId);
  const parent = turnId !== null || parentBgoId === null ? null : await tx.lock("bgo", parentBgoId);
  const rows = tx.all("bgo");
  const isChild = (row: StoredBgo): boolean =>
    turnId !== null ? row.turnId === turnId : parentBgoId !== null && row.parentBgoId === parentBgoId;
  return {
    liveInThread: rows.filter((row) => row.threadId === threadId && !isTerminal(row.status)).length,
    spawnedByParent: rows.filter(isChild).length,
    parentHasEnded: parent !== null && isTerminal(parent.status),
  };
}

/** Nearest first. */
function descendantsOf(tx: SimulatedTransaction, bgoId: string): readonly StoredBgo[] {
  const children = tx.all("bgo").filter((row) => row.parentBgoId === bgoId);
  const found = [...children, ...children.flatMap(({ id }) => descendantsOf(tx, id))];
  return found.toSorted((left, right) => left.depth - right.depth || (left.id < right.id ? -1 : 1));
}

async function transitionBgo(
  tx: SimulatedTransaction,
  transition: BgoTransition,
  nowMs: number,
): Promise<StoredBgo | null> {
  const { guard, from } = transition;
  const moved = await tx.update("bgo", transition.id, {
    match: (row) =>
      from.includes(row.status) &&
      (guard === "any" ||
        ((!("epoch" in guard) || row.epoch === guard.epoch) &&
          (!("segmentId" in guard) || row.engineRunId === guard.segmentId))),
    change: (row) => changed(row, transition, nowMs),
  });
  if (moved === null) return null;
  await writeAudit(tx, {
    actor: transition.actor,
    action: `bgo.${moved.status}`,
    targetType: "bgo",
    targetId: moved.id,
    details: { epoch: moved.epoch, attempt: moved.attempt, crashes: moved.crashes },
  });
  if (transition.changes.finished === true && from.includes("waiting")) {
    await closeWaits(tx, { ownerId: moved.id, actor: transition.actor, nowMs });
  }
  return moved;
}

function changed(row: StoredBgo, { to, reason, changes }: BgoTransition, nowMs: number): StoredBgo {
  const now = new Date(nowMs);
  const wakeAtMs =
    changes.wakeInMs === undefined ? row.wakeAtMs : changes.wakeInMs === null ? null : nowMs + changes.wakeInMs;
  return {
    ...row,
    status: to,
    reason,
    rev: row.rev + 1,
    movedAtMs: nowMs,
    wakeAtMs,
    engineRunId: changes.segmentId === undefined ? row.engineRunId : changes.segmentId,
    epoch: row.epoch + (changes.newEpoch === true ? 1 : 0),
    attempt: changes.attempt ?? row.attempt,
    crashes: changes.crashes ?? row.crashes,
    // What the sub-agent staged is what it wants to say.
    output: changes.output === undefined ? row.output : (row.stagedResult ?? changes.output),
    error: changes.error === undefined ? row.error : changes.error,
    startedAt: changes.started === true ? (row.startedAt ?? now) : row.startedAt,
    finishedAt: changes.finished === true ? now : row.finishedAt,
    stagedResult: changes.finished === true ? null : row.stagedResult,
  };
}
