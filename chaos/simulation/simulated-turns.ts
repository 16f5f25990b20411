import type { Agent } from "../../packages/platos-tasks/src/core/agent.ts";
import { noUsage } from "../../packages/platos-tasks/src/core/budget.ts";
import type { ClaimedTurn, NewTurn, TurnQueries } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { Scope } from "../../packages/platos-tasks/src/core/scope.ts";
import type { SimulatedTransaction } from "./simulated-database.ts";
import type { StoredTurn } from "./simulated-rows.ts";
import { onlySupported, type StatementContext } from "./statements.ts";

type Supported =
  | "insert"
  | "nextWaiting"
  | "hasUnreadResults"
  | "hasWaitingWake"
  | "claim"
  | "runningEpoch"
  | "finish"
  | "release";

const isOpen = (turn: StoredTurn): boolean => turn.status === "queued" || turn.status === "running";

export function simulatedTurns({ statement, nowMs }: StatementContext, agent: Agent): TurnQueries {
  const part: Pick<TurnQueries, Supported> = {
    insert: (scope, turn) =>
      statement("turns.insert", [scope, turn], async (tx) => {
        const stored = storedOf(scope, turn, nowMs());
        await tx.insert("turn", turn.id, stored);
        return stored;
      }),
    nextWaiting: (scope, threadId) =>
      statement("turns.nextWaiting", [scope, threadId], (tx) => nextWaiting(tx, threadId)),
    hasUnreadResults: ({ id, threadId }) =>
      statement("turns.hasUnreadResults", [{ id, threadId }], (tx) => hasUnreadResults(tx, { id, threadId })),
    hasWaitingWake: (threadId) =>
      statement("turns.hasWaitingWake", [threadId], (tx) =>
        tx
          .all("turn")
          .some(
            (row) =>
              row.threadId === threadId && row.status === "queued" && row.cause === "wake" && row.openingSeq === null,
          ),
      ),
    claim: (turnId, segmentId, from) =>
      statement("turns.claim", [turnId, segmentId, from], (tx) =>
        claimTurn(tx, { turnId, segmentId, from, agent, nowMs: nowMs() }),
      ),
    runningEpoch: (turnId, segmentId) =>
      statement("turns.runningEpoch", [turnId, segmentId], (tx) => {
        const row = tx.read("turn", turnId);
        return row?.segmentId === segmentId && row.status === "running" ? row.epoch : null;
      }),
    finish: ({ scope, id, epoch }, { status, error }) =>
      statement(
        "turns.finish",
        [
          { scope, id, epoch },
          { status, error },
        ],
        (tx) =>
          whileHeld(tx, { id, epoch }, (row) => ({
            ...row,
            status,
            error,
            segmentId: null,
            wakeAtMs: null,
            finishedAt: new Date(nowMs()),
            movedAtMs: nowMs(),
          })),
      ),
    release: ({ scope, id, epoch }, release) =>
      statement("turns.release", [{ scope, id, epoch }, release], (tx) =>
        whileHeld(tx, { id, epoch }, (row) => ({
          ...row,
          status: "queued",
          segmentId: release.segmentId,
          wakeAtMs: release.wakeInMs === null ? null : nowMs() + release.wakeInMs,
          attempt: release.attempt,
          movedAtMs: nowMs(),
        })),
      ),
  };
  return onlySupported<TurnQueries>(part);
}

function storedOf(scope: Scope, turn: NewTurn, nowMs: number): StoredTurn {
  return {
    ...turn,
    scope,
    status: "queued",
    attempt: 1,
    error: null,
    createdAt: new Date(nowMs),
    startedAt: null,
    finishedAt: null,
    segmentId: null,
    openingSeq: null,
    modelCalls: 0,
    usage: noUsage,
    epoch: 0,
    crashes: 0,
    nextStep: 0,
    wakeAtMs: null,
    movedAtMs: nowMs,
  };
}

function nextWaiting(tx: SimulatedTransaction, threadId: string): StoredTurn | null {
  const open = tx.all("turn").filter((row) => row.threadId === threadId && isOpen(row));
  const isBusy = open.some((row) => row.status === "running" || row.segmentId !== null || row.wakeAtMs !== null);
  if (isBusy) return null;
  const inOrder = open.toSorted((left, right) => left.position - right.position || (left.id < right.id ? -1 : 1));
  return inOrder[0] ?? null;
}

function hasUnreadResults(tx: SimulatedTransaction, of: { readonly id: string; readonly threadId: string }): boolean {
  const others = tx
    .all("turn")
    .filter((row) => row.threadId === of.threadId && row.id !== of.id && row.status !== "failed");
  const readSeq = Math.max(0, ...others.map((row) => row.openingSeq ?? 0));
  return tx
    .all("message")
    .some(
      (row) =>
        row.threadId === of.threadId &&
        row.terminal &&
        row.seq > readSeq &&
        tx.read("bgo", row.bgoId ?? "")?.onComplete === "wake",
    );
}

async function claimTurn(
  tx: SimulatedTransaction,
  of: {
    readonly turnId: string;
    readonly segmentId: string;
    readonly from: { readonly epoch: number; readonly isCrash: boolean } | null;
    readonly agent: Agent;
    readonly nowMs: number;
  },
): Promise<ClaimedTurn | null> {
  const seen = tx.read("turn", of.turnId);
  if (seen === null || seen.segmentId !== of.segmentId) return null;
  // The thread's lock is waited for first; what it says is read as it then stands.
  const thread = await tx.lock("thread", seen.threadId);
  if (thread === null) return null;
  const claimed = await tx.update("turn", of.turnId, {
    match: (row) =>
      row.segmentId === of.segmentId &&
      (of.from === null ? row.status === "queued" : row.epoch === of.from.epoch && row.status === "running"),
    change: (row) => ({
      ...row,
      status: "running",
      epoch: row.epoch + 1,
      crashes: row.crashes + (of.from?.isCrash === true ? 1 : 0),
      openingSeq: row.openingSeq ?? thread.lastSeq,
      startedAt: row.startedAt ?? new Date(of.nowMs),
      movedAtMs: of.nowMs,
    }),
  });
  if (claimed === null) return null;
  const { modelCalls, usage } = claimed;
  const elapsedSeconds = (of.nowMs - (claimed.startedAt?.getTime() ?? of.nowMs)) / 1000;
  return {
    ...claimed,
    agent: of.agent,
    openingSeq: claimed.openingSeq ?? thread.lastSeq,
    totals: { modelCalls, usage, elapsedSeconds },
  };
}

async function whileHeld(
  tx: SimulatedTransaction,
  { id, epoch }: { readonly id: string; readonly epoch: number },
  change: (row: StoredTurn) => StoredTurn,
): Promise<boolean> {
  const match = (row: StoredTurn): boolean => row.epoch === epoch && row.status === "running";
  return (await tx.update("turn", id, { match, change })) !== null;
}
