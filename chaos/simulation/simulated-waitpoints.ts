import type { Actor } from "../../packages/platos-tasks/src/core/actor.ts";
import type { Json } from "../../packages/platos-tasks/src/core/json.ts";
import type { NewWaitpoint, WaitpointQueries, WaitpointRow } from "../../packages/platos-tasks/src/core/ports/store.ts";
import type { Scope } from "../../packages/platos-tasks/src/core/scope.ts";
import type { ResolvedStatus } from "../../packages/platos-tasks/src/core/waitpoint.ts";
import type { SimulatedTransaction } from "./simulated-database.ts";
import { onlySupported, type StatementContext } from "./statements.ts";
import { writeAudit } from "./write-audit.ts";

type Supported =
  | "insert"
  | "find"
  | "listOf"
  | "listOpenOfThread"
  | "listOpenByTarget"
  | "listDue"
  | "lockOwner"
  | "resolve"
  | "countOpen";

const isOpen = ({ status }: WaitpointRow): boolean => status === "open";

/** Waits of BGOs. Tokens that are made before somebody waits are for a race on Postgres. */
export function simulatedWaitpoints({ statement, nowMs }: StatementContext): WaitpointQueries {
  const part: Pick<WaitpointQueries, Supported> = {
    insert: (scope, waitpoint) =>
      statement("waitpoints.insert", [scope, waitpoint], async (tx) => {
        const stored = storedOf(scope, waitpoint, nowMs());
        return (await tx.insert("waitpoint", stored.id, stored)) ? stored : null;
      }),
    find: (scope, waitpointId) =>
      statement("waitpoints.find", [scope, waitpointId], (tx) => tx.read("waitpoint", waitpointId)),
    listOf: (ownerId) => statement("waitpoints.listOf", [ownerId], (tx) => ofOwner(tx, ownerId)),
    listOpenOfThread: (scope, threadId) =>
      statement("waitpoints.listOpenOfThread", [scope, threadId], (tx) =>
        tx.all("waitpoint").filter((row) => isOpen(row) && row.threadId === threadId),
      ),
    listOpenByTarget: (bgoId) =>
      statement("waitpoints.listOpenByTarget", [bgoId], (tx) =>
        tx.all("waitpoint").filter((row) => isOpen(row) && row.targetBgoId === bgoId),
      ),
    listDue: (limit) =>
      statement("waitpoints.listDue", [limit], (tx) =>
        tx
          .all("waitpoint")
          .filter((row) => isOpen(row) && row.dueAt.getTime() <= nowMs())
          .slice(0, limit),
      ),
    lockOwner: (owner) =>
      statement(
        "waitpoints.lockOwner",
        [owner],
        async (tx) => (await tx.lock("bgo", owner.ownerId, ({ status }) => status === "waiting")) !== null,
      ),
    resolve: (resolving) =>
      statement("waitpoints.resolve", [resolving], async (tx) => {
        const { id, status, value, actor, when } = resolving;
        const isInTime = ({ dueAt }: WaitpointRow): boolean =>
          when === "any" || dueAt.getTime() <= nowMs() === (when === "once_due");
        const resolved = await tx.update("waitpoint", id, {
          match: (row) => isOpen(row) && isInTime(row),
          change: (row) => resolvedAs(row, { status, value, actor, nowMs: nowMs() }),
        });
        if (resolved === null) return null;
        const details = { kind: resolved.kind };
        await writeAudit(tx, { actor, action: `waitpoint.${status}`, targetType: "waitpoint", targetId: id, details });
        return resolved;
      }),
    countOpen: (ownerId) =>
      statement("waitpoints.countOpen", [ownerId], (tx) => ofOwner(tx, ownerId).filter(isOpen).length),
  };
  return onlySupported<WaitpointQueries>(part);
}

/** What a BGO waited for can wake nobody any more once it has ended: part of the statement that ends it. */
export async function closeWaits(
  tx: SimulatedTransaction,
  of: { readonly ownerId: string; readonly actor: Actor; readonly nowMs: number },
): Promise<void> {
  for (const { id } of ofOwner(tx, of.ownerId).filter(isOpen)) {
    await tx.update("waitpoint", id, {
      match: isOpen,
      change: (row) => resolvedAs(row, { status: "cancelled", value: { reason: "its BGO ended" }, ...of }),
    });
  }
}

function ofOwner(tx: SimulatedTransaction, ownerId: string): WaitpointRow[] {
  return tx.all("waitpoint").filter(({ call }) => call?.ownerId === ownerId);
}

function storedOf(scope: Scope, { due, ...waitpoint }: NewWaitpoint, nowMs: number): WaitpointRow {
  return {
    ...waitpoint,
    scope,
    status: "open",
    dueAt: due instanceof Date ? due : new Date(nowMs + due.inMs),
    resolution: null,
    resolvedBy: null,
    createdAt: new Date(nowMs),
    resolvedAt: null,
  };
}

function resolvedAs(
  row: WaitpointRow,
  of: { readonly status: ResolvedStatus; readonly value: Json; readonly actor: Actor; readonly nowMs: number },
): WaitpointRow {
  return {
    ...row,
    status: of.status,
    resolution: of.value,
    resolvedBy: of.actor,
    resolvedAt: new Date(of.nowMs),
  };
}
