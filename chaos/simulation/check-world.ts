import { defaultMaxTurns } from "../../packages/platos-tasks/src/core/budget.ts";
import { canonicalJson } from "../../packages/platos-tasks/src/core/json.ts";
import {
  canTransition,
  initialStatuses,
  isTerminal,
  type Status,
  terminalMessageKind,
} from "../../packages/platos-tasks/src/core/lifecycle.ts";
import { noKeyScope } from "../../packages/platos-tasks/src/operations/spawn-place.ts";
import { toolCallsOf } from "../../packages/platos-tasks/src/core/transcript.ts";
import type { StoredStep } from "./simulated-rows.ts";
import type { SimulatedWorld } from "./simulated-world.ts";

/** Gives what a settled world breaks of the product's invariants, one sentence per case. */
export function checkWorld(world: SimulatedWorld): readonly string[] {
  return [
    ...world.seenBroken,
    ...checkTold(world),
    ...checkEnds(world),
    ...checkHistories(world),
    ...checkMessages(world),
    ...checkThreads(world),
    ...checkJournals(world),
    ...checkTurns(world),
    ...checkWakes(world),
    ...checkWaits(world),
    ...checkEffects(world),
    ...checkCaps(world),
  ];
}

/** I1, I4, and the truth of what cancels were told. */
function checkTold({ database, told }: SimulatedWorld): string[] {
  const broken: string[] = [];
  for (const { bgoId } of told.spawned) {
    if (!database.committed.bgo.has(bgoId)) broken.push(`I1: ${bgoId} was acknowledged and has no row`);
  }
  for (const { messageId, threadId } of told.posted) {
    const isDeleted = database.committed.thread.get(threadId)?.isDeleted === true;
    if (!isDeleted && !database.committed.message.has(messageId)) broken.push(`I1: ${messageId} was lost`);
  }
  const byRequest = new Map<string, string>();
  for (const { bgoId, request } of told.spawned) {
    if (!request.includes("idempotencyKey")) continue;
    const first = byRequest.get(request) ?? bgoId;
    if (first !== bgoId) broken.push(`I4: one key made ${first} and ${bgoId}`);
    byRequest.set(request, first);
  }
  const keyless = database.rows("bgo").filter(({ keyScope }) => keyScope === noKeyScope).length;
  if (keyless > told.keyless) broken.push(`I4: ${told.keyless} spawns without a key made ${keyless} BGOs`);
  for (const { bgoId, outcome } of told.cancelled) {
    const status = database.committed.bgo.get(bgoId)?.status;
    if (outcome.replace("already_", "") !== status) broken.push(`I2: a cancel was told ${outcome}; it is ${status}`);
  }
  return broken;
}

/** I2, I5 and I18: everything ends. */
function checkEnds({ database }: SimulatedWorld): string[] {
  const turns = database.rows("turn").filter(({ status }) => status !== "completed" && status !== "failed");
  const bgos = database.rows("bgo").filter(({ status }) => !isTerminal(status));
  return [...turns, ...bgos].map(({ id, status }) => `I18: ${id} is still ${status}`);
}

/** I2: only allowed transitions, and one end. */
function checkHistories({ database }: SimulatedWorld): string[] {
  const broken: string[] = [];
  for (const bgo of database.rows("bgo")) {
    const history = database
      .rows("audit")
      .filter(({ targetId, action }) => targetId === bgo.id && action !== suppressed);
    const statuses = history.map(({ action, details }) =>
      action === "bgo.spawned" ? (details["status"] as Status) : (action.slice("bgo.".length) as Status),
    );
    const told = statuses.join(" → ");
    if (!(initialStatuses as readonly Status[]).includes(statuses[0] ?? "waiting")) {
      broken.push(`I2: ${bgo.id} began as ${told}`);
    }
    for (const [place, to] of statuses.slice(1).entries()) {
      const from = statuses[place];
      if (from !== undefined && !canTransition(from, to)) broken.push(`I2: ${bgo.id} went ${told}`);
    }
    if (statuses.at(-1) !== bgo.status) broken.push(`I2: ${bgo.id} is ${bgo.status} and its audit says ${told}`);
  }
  return broken;
}

const suppressed = "message.suppressed";

/** I3: one terminal message, or one word that it was suppressed. */
function checkMessages({ database }: SimulatedWorld): string[] {
  return database.rows("bgo").flatMap((bgo) => {
    if (!isTerminal(bgo.status)) return [];
    const isDeleted = database.committed.thread.get(bgo.threadId)?.isDeleted === true;
    const kinds = database.rows("message").flatMap((row) => (row.terminal && row.bgoId === bgo.id ? [row.kind] : []));
    const silenced = database.rows("audit").filter((row) => row.action === suppressed && row.targetId === bgo.id);
    const isRight = isDeleted
      ? kinds.length === 0 && silenced.length <= 1
      : kinds.length === 1 && kinds[0] === terminalMessageKind[bgo.status] && silenced.length === 0;
    return isRight ? [] : [`I3: ${bgo.id} is ${bgo.status} and has the messages [${kinds.join(", ")}]`];
  });
}

/** I16: messages are numbered without a gap. */
function checkThreads({ database }: SimulatedWorld): string[] {
  return database.rows("thread").flatMap((thread) => {
    const numbers = database.rows("message").flatMap((row) => (row.threadId === thread.id ? [row.seq] : []));
    if (thread.isDeleted) return numbers.length === 0 ? [] : [`I16: ${thread.id} is deleted and has messages`];
    const isGapless = numbers.toSorted((left, right) => left - right).every((seq, index) => seq === index + 1);
    return isGapless && numbers.length === thread.lastSeq ? [] : [`I16: ${thread.id} has messages ${numbers.join()}`];
  });
}

/** I6 and I7. */
function checkJournals({ database }: SimulatedWorld): string[] {
  const owners = [...database.rows("bgo"), ...database.rows("turn")];
  return owners.flatMap(({ id, epoch, nextStep }) => {
    const steps = database.rows("step").filter(({ ownerId }) => ownerId === id);
    const broken: string[] = [];
    if (steps.length !== nextStep || steps.some(({ stepNo }, index) => stepNo !== index)) {
      broken.push(`I7: ${id} has the steps ${steps.map(({ stepNo }) => stepNo).join()} and counts ${nextStep}`);
    }
    for (const [index, step] of steps.entries()) {
      if (step.epoch > epoch || step.epoch < (steps[index - 1]?.epoch ?? 0)) {
        broken.push(`I6: ${id} wrote under the epochs ${steps.map((each) => each.epoch).join()} and is at ${epoch}`);
      }
    }
    return [...broken, ...checkResults(id, steps)];
  });
}

/** I7: every result answers a call of the response before it, once, and no response comes before all are answered. */
function checkResults(ownerId: string, steps: readonly StoredStep[]): string[] {
  const broken: string[] = [];
  let open = new Set<string>();
  for (const { step, stepNo } of steps) {
    if (step.kind === "model") {
      if (open.size > 0) broken.push(`I7: ${ownerId} went on at step ${stepNo} with calls unanswered`);
      open = new Set(toolCallsOf(step.response.parts).map(({ callId }) => callId));
    }
    if (step.kind === "tool_result" && !open.delete(step.result.callId)) {
      broken.push(`I7: step ${stepNo} of ${ownerId} answers no open call`);
    }
  }
  return broken;
}

/** D2: each recorded call of a turn that spawned has made one BGO; a call that was never recorded none. */
function checkTurns({ database }: SimulatedWorld): string[] {
  return database.rows("turn").flatMap(({ id }) => {
    const spawned = database.rows("bgo").filter(({ turnId }) => turnId === id);
    const calls = database
      .rows("step")
      .flatMap(({ ownerId, step }) => (ownerId === id && step.kind === "model" ? toolCallsOf(step.response.parts) : []))
      .filter(({ tool }) => tool === "spawn_bgo");
    return spawned.length <= calls.length ? [] : [`I4: ${calls.length} calls of ${id} made ${spawned.length} BGOs`];
  });
}

/** A result that was to wake its agent has been read by a turn. */
function checkWakes({ database }: SimulatedWorld): string[] {
  return database.rows("message").flatMap(({ terminal, bgoId, threadId, seq }) => {
    if (!terminal || database.committed.bgo.get(bgoId ?? "")?.onComplete !== "wake") return [];
    const isRead = database.rows("turn").some((turn) => turn.threadId === threadId && (turn.openingSeq ?? 0) >= seq);
    return isRead ? [] : [`I18: no turn has read the result of ${bgoId ?? ""}`];
  });
}

/** I10: each wait has ended once, as was acknowledged, and whoever waited went on with that. */
function checkWaits({ database, told }: SimulatedWorld): string[] {
  const broken: string[] = [];
  for (const { waitpointId, resolution } of told.answered) {
    const row = database.committed.waitpoint.get(waitpointId);
    if (row?.status !== "completed" || canonicalJson(row.resolution) !== canonicalJson(resolution)) {
      broken.push(
        `I10: ${canonicalJson(resolution)} was acknowledged to ${waitpointId}, which is ${row?.status ?? "gone"}`,
      );
    }
  }
  for (const { id, status, call, kind, resolution } of database.rows("waitpoint")) {
    if (status === "open") broken.push(`I10: ${id} is still open`);
    const ends = database.rows("audit").filter(({ targetId }) => targetId === id).length;
    // What is closed with its BGO leaves no entry of its own.
    const isOnce = ends === 1 || (ends === 0 && status === "cancelled");
    if (!isOnce) broken.push(`I10: ${id} is ${status} and was resolved ${ends} times`);
    const result = database
      .rows("step")
      .flatMap(({ ownerId, step }) => (ownerId === call?.ownerId && step.kind === "tool_result" ? [step.result] : []))
      .find(({ callId }) => callId === call?.callId);
    const output = result?.output as { readonly outcome?: string; readonly value?: string } | undefined;
    if (output === undefined) continue;
    const isSame = output.outcome === status && (kind !== "token" || (output.value ?? null) === resolution);
    if (!isSame) broken.push(`I10: ${id} is ${status}, and its BGO went on with ${JSON.stringify(output)}`);
  }
  return broken;
}

/** I8 */
function checkEffects({ outside }: SimulatedWorld): string[] {
  return [...outside.effects].flatMap(([call, times]) =>
    call.startsWith("at_most_once") && times > 1 ? [`I8: ${call} ran ${times} times`] : [],
  );
}

/** I12 but for the live BGOs of a thread, which are watched while it runs. */
function checkCaps({ database, caps }: SimulatedWorld): string[] {
  const bgos = database.rows("bgo");
  const broken = bgos.flatMap((bgo) => {
    const allowed = bgo.budget.maxTurns ?? defaultMaxTurns;
    const isDeep = bgo.depth > caps.maxDepth;
    return [
      ...(bgo.modelCalls > allowed ? [`I12: ${bgo.id} made ${bgo.modelCalls} model calls of ${allowed}`] : []),
      ...(isDeep ? [`I12: ${bgo.id} is nested ${bgo.depth} deep`] : []),
    ];
  });
  const children = Map.groupBy(
    bgos.filter(({ turnId }) => turnId !== null),
    ({ turnId }) => turnId,
  );
  for (const [turnId, spawned] of children) {
    if (spawned.length > caps.maxSpawnsPerTurn) broken.push(`I12: ${turnId} spawned ${spawned.length} BGOs`);
  }
  return broken;
}
