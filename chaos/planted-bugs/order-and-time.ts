import type { LoggedEvent } from "../../packages/platos-tasks/src/core/ports/event-log.ts";
import type { Caller } from "../../packages/platos-tasks/src/operations/context.ts";
import { getBgo } from "../../packages/platos-tasks/src/operations/get-bgo.ts";
import { releaseBgo } from "../../packages/platos-tasks/src/operations/release-bgo.ts";
import { spawnBgo } from "../../packages/platos-tasks/src/operations/spawn-bgo.ts";
import { wakeDue } from "../../packages/platos-tasks/src/operations/wake-due.ts";
import type { Runtime } from "../../packages/platos-tasks/src/runtime.ts";
import { createGate } from "../../packages/platos-tasks/src/testing/gate.ts";
import { eventually } from "../../packages/platos-tasks/src/testing/test-runtime.ts";

export interface OrderGround {
  readonly runtime: Runtime;
  readonly caller: Caller;
  readonly newThread: () => Promise<string>;
}

const hourMs = 3_600_000;

/** I16: what a transaction wrote that began earlier and commits later is read all the same. */
export async function lateCommit({ runtime, caller, newThread }: OrderGround): Promise<string[]> {
  const { eventLog, operations } = runtime;
  const [slow, quick] = [await newThread(), await newThread()];
  const say = (threadId: string, id: string, until: Promise<void>): Promise<void> =>
    operations.store.transaction("say something", async (tx) => {
      await tx.threads.lock(caller.scope, threadId);
      const of = { threadId, authorAgentId: null, bgoId: null, turnId: null, terminal: false } as const;
      await tx.messages.append(caller.scope, { ...of, id, role: "user", kind: "chat", parts: [] });
      begun.open();
      await until;
    });
  let cursor = await eventLog.head();
  const [begun, mayCommit] = [createGate(), createGate()];
  const read: LoggedEvent[] = [];
  const readOn = async (): Promise<void> => {
    const events = (await eventLog.readAfter(cursor, 100, caller.scope.envId)) ?? [];
    cursor = events.at(-1)?.cursor ?? cursor;
    read.push(...events);
  };
  const late = say(slow, "msg_commits_late", mayCommit.opened);
  await begun.opened;
  await say(quick, "msg_commits_early", Promise.resolve());
  await readOn();
  mayCommit.open();
  await late;
  const isRead = (threadId: string): boolean => read.some((event) => event.threadId === threadId);
  await eventually("the message that was committed first to be read", async () => {
    await readOn();
    return isRead(quick);
  });
  await readOn();
  return isRead(slow) ? [] : ["I16: a reader passed over the event of a transaction that committed late"];
}

/** I11: a worker whose clock is ahead starts nothing early. */
export async function wrongClock({ runtime, caller, newThread }: OrderGround): Promise<string[]> {
  const runAt = new Date(Date.now() + hourMs);
  const request = { threadId: await newThread(), prompt: "later", runAt };
  const { bgo } = await spawnBgo(runtime.operations, caller, request);
  const rightDate = Date;
  globalThis.Date = class extends rightDate {
    constructor(...args: [] | [number | string]) {
      super(args.length === 0 ? rightDate.now() + 2 * hourMs : args[0]);
    }
  } as DateConstructor;
  try {
    await wakeDue(runtime.operations);
  } finally {
    globalThis.Date = rightDate;
  }
  const { status } = await getBgo(runtime.operations, caller, bgo.id);
  return status === "scheduled"
    ? []
    : [`I11: a worker whose clock was ahead by two hours has made ${bgo.id} ${status}`];
}

/** F42: a worker that stops in peace has not failed. `claimable`: a prompt whose call is never answered. */
export async function peacefulStop(
  { runtime, caller, newThread }: OrderGround,
  { claimable, isAsked }: { readonly claimable: string; readonly isAsked: () => Promise<void> },
): Promise<string[]> {
  const { operations } = runtime;
  const { bgo } = await spawnBgo(operations, caller, { threadId: await newThread(), prompt: claimable });
  await isAsked();
  const row = await operations.store.autocommit.bgos.find(caller.scope, bgo.id);
  if (row === null || !(await releaseBgo(operations, row, async () => undefined))) return ["F42: it was not released"];
  const { attempt } = await getBgo(operations, caller, bgo.id);
  return attempt === 1 ? [] : [`F42: a worker that stopped in peace left ${bgo.id} at attempt ${attempt}`];
}
