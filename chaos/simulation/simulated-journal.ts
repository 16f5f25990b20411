import { addUsage } from "../../packages/platos-tasks/src/core/budget.ts";
import { type RecordedStep, type Step, usageOfSteps } from "../../packages/platos-tasks/src/core/journal.ts";
import type { JournalTotals } from "../../packages/platos-tasks/src/core/ports/journal.ts";
import type {
  DueOwner,
  DueWork,
  JournalQueries,
  OpenSegment,
} from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { SimulatedTransaction } from "./simulated-database.ts";
import type { StoredBgo, StoredTurn } from "./simulated-rows.ts";
import { onlySupported, type StatementContext } from "./statements.ts";

type Supported = "read" | "recordForBgo" | "recordForTurn" | "takeDue" | "whatIsDue" | "assignSegment" | "listSuspects";

export function simulatedJournal({ statement, nowMs }: StatementContext): JournalQueries {
  const part: Pick<JournalQueries, Supported> = {
    read: ({ id }) =>
      statement("journal.read", [{ id }], (tx): readonly RecordedStep[] =>
        tx
          .all("step")
          .filter((row) => row.ownerId === id)
          .toSorted((left, right) => left.stepNo - right.stepNo),
      ),
    recordForBgo: ({ scope, id, epoch }, steps, doing) =>
      statement("journal.recordForBgo", [{ scope, id, epoch }, steps, doing], async (tx) => {
        const row = await tx.update("bgo", id, {
          match: (bgo) => bgo.epoch === epoch && bgo.status === "running",
          change: (bgo) => ({ ...bgo, ...counted(bgo, steps, nowMs()), reason: doing, rev: bgo.rev + 1 }),
        });
        return appended(tx, row, steps, nowMs());
      }),
    recordForTurn: ({ scope, id, epoch }, steps) =>
      statement("journal.recordForTurn", [{ scope, id, epoch }, steps], async (tx) => {
        const row = await tx.update("turn", id, {
          match: (turn) => turn.epoch === epoch && turn.status === "running",
          change: (turn) => ({ ...turn, ...counted(turn, steps, nowMs()) }),
        });
        return appended(tx, row, steps, nowMs());
      }),
    whatIsDue: () => statement("journal.whatIsDue", [], (tx) => whatIsDue(tx, nowMs())),
    takeDue: (limit) => statement("journal.takeDue", [limit], (tx) => takeDue(tx, limit, nowMs())),
    assignSegment: (owner, segmentId, instead) =>
      statement("journal.assignSegment", [owner, segmentId, instead], (tx) =>
        assignSegment(tx, owner, { segmentId, instead, nowMs: nowMs() }),
      ),
    listSuspects: (olderThanMs, limit) =>
      statement("journal.listSuspects", [olderThanMs, limit], (tx) => listSuspects(tx, nowMs() - olderThanMs, limit)),
  };
  return onlySupported<JournalQueries>(part);
}

function counted(owner: StoredBgo | StoredTurn, steps: readonly Step[], nowMs: number) {
  const added = usageOfSteps(steps);
  return {
    nextStep: owner.nextStep + steps.length,
    modelCalls: owner.modelCalls + added.modelCalls,
    usage: addUsage(owner.usage, added.usage),
    crashes: 0,
    movedAtMs: nowMs,
  };
}

async function appended(
  tx: SimulatedTransaction,
  owner: StoredBgo | StoredTurn | null,
  steps: readonly Step[],
  nowMs: number,
): Promise<JournalTotals | null> {
  if (owner === null) return null;
  const first = owner.nextStep - steps.length;
  for (const [place, step] of steps.entries()) {
    const stepNo = first + place;
    const id = `${owner.id} ${stepNo}`;
    const row = { id, ownerId: owner.id, stepNo, epoch: owner.epoch, createdAt: new Date(nowMs), step };
    if (!(await tx.insert("step", id, row))) throw new Error(`There are two steps ${id}.`);
  }
  const elapsedSeconds = (nowMs - (owner.startedAt?.getTime() ?? nowMs)) / 1000;
  return { modelCalls: owner.modelCalls, usage: owner.usage, elapsedSeconds };
}

function whatIsDue(tx: SimulatedTransaction, nowMs: number): DueWork {
  const isDue = ({ wakeAtMs }: { readonly wakeAtMs: number | null }): boolean => wakeAtMs !== null && wakeAtMs <= nowMs;
  return {
    owners: tx.all("bgo").some(isDue) || tx.all("turn").some(isDue),
    waits: tx.all("waitpoint").some(({ status, dueAt }) => status === "open" && dueAt.getTime() <= nowMs),
    schedules: false,
  };
}

async function takeDue(tx: SimulatedTransaction, limit: number, nowMs: number): Promise<readonly DueOwner[]> {
  const due: DueOwner[] = [];
  for (const ownerKind of ["bgo", "turn"] as const) {
    const rows = tx
      .all(ownerKind)
      .filter((row) => row.wakeAtMs !== null && row.wakeAtMs <= nowMs && !tx.isLockedByAnother(ownerKind, row.id))
      .toSorted((left, right) => (left.wakeAtMs ?? 0) - (right.wakeAtMs ?? 0))
      .slice(0, limit);
    for (const { id } of rows) {
      await tx.lock(ownerKind, id);
      due.push({ ownerKind, ownerId: id });
    }
  }
  return due;
}

async function assignSegment(
  tx: SimulatedTransaction,
  { ownerKind, ownerId }: DueOwner,
  of: { readonly segmentId: string; readonly instead: string | null; readonly nowMs: number },
): Promise<boolean> {
  const isOpen = (status: string): boolean => status === "queued" || status === "running";
  const moved = { wakeAtMs: null, movedAtMs: of.nowMs };
  if (ownerKind === "bgo") {
    const row = await tx.update("bgo", ownerId, {
      match: (bgo) => isOpen(bgo.status) && bgo.engineRunId === of.instead,
      change: (bgo) => ({ ...bgo, ...moved, engineRunId: of.segmentId }),
    });
    return row !== null;
  }
  const row = await tx.update("turn", ownerId, {
    match: (turn) => isOpen(turn.status) && turn.segmentId === of.instead,
    change: (turn) => ({ ...turn, ...moved, segmentId: of.segmentId }),
  });
  return row !== null;
}

function listSuspects(tx: SimulatedTransaction, beforeMs: number, limit: number): readonly OpenSegment[] {
  const bgos = tx.all("bgo").map((row) => ({ ...row, ownerKind: "bgo" as const, segmentId: row.engineRunId }));
  const turns = tx.all("turn").map((row) => ({ ...row, ownerKind: "turn" as const }));
  return [...bgos, ...turns]
    .flatMap(({ ownerKind, id, segmentId, status, movedAtMs }) => {
      const isSuspect = (status === "queued" || status === "running") && segmentId !== null && movedAtMs < beforeMs;
      return isSuspect ? [{ ownerKind, ownerId: id, segmentId }] : [];
    })
    .slice(0, limit);
}
