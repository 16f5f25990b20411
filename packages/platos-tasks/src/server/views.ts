import type {
  Agent as AgentView,
  AuditEntry as AuditEntryView,
  Bgo as BgoView,
  Message as MessageView,
  ScheduleReceipt as ScheduleReceiptView,
  SpawnReceipt as SpawnReceiptView,
  Step as StepView,
  Thread as ThreadView,
  Turn as TurnView,
  Waitpoint as WaitpointView,
} from "@platos-tasks/client";
import type { Agent } from "../core/agent.ts";
import type { AuditEntry } from "../core/audit.ts";
import type { Bgo } from "../core/bgo.ts";
import type { RecordedStep } from "../core/journal.ts";
import type { Message } from "../core/message.ts";
import type { ThreadSummary } from "../core/ports/store.ts";
import type { Turn } from "../core/turn.ts";
import type { Waitpoint } from "../core/waitpoint.ts";
import type { RescheduleResult } from "../operations/reschedule-bgo.ts";
import type { SpawnResult } from "../operations/spawn-bgo.ts";
import type { WaitLinks } from "./wait-links.ts";

// From the domain to the wire: what is shown is named here field by field, so nothing else can slip out.

function iso(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

export function bgoView(bgo: Bgo): BgoView {
  return {
    id: bgo.id,
    status: bgo.status,
    reason: bgo.reason,
    threadId: bgo.threadId,
    agentId: bgo.agentId,
    parentBgoId: bgo.parentBgoId,
    depth: bgo.depth,
    label: bgo.label,
    prompt: bgo.prompt,
    tools: bgo.tools,
    budget: bgo.budget,
    onComplete: bgo.onComplete,
    output: bgo.output,
    error: bgo.error,
    progress: bgo.progress,
    attempt: bgo.attempt,
    usage: bgo.usage,
    modelCalls: bgo.modelCalls,
    idempotencyKey: bgo.idempotencyKey,
    engine: bgo.engine,
    engineRunId: bgo.engineRunId,
    rev: bgo.rev,
    createdAt: bgo.createdAt.toISOString(),
    startedAt: iso(bgo.startedAt),
    runAt: iso(bgo.runAt),
    finishedAt: iso(bgo.finishedAt),
  };
}

export function spawnReceiptView({ bgo, deduplicated, ranAtOnce }: SpawnResult): SpawnReceiptView {
  const { id, status, threadId, runAt } = bgo;
  return { bgoId: id, status, threadId, deduplicated, runAt: iso(runAt), ranAtOnce };
}

export function scheduleReceiptView({ bgo, ranAtOnce }: RescheduleResult): ScheduleReceiptView {
  return { bgoId: bgo.id, status: bgo.status, runAt: iso(bgo.runAt), ranAtOnce };
}

export function messageView(message: Message): MessageView {
  const { id, threadId, seq, role, kind, authorAgentId, bgoId, turnId, waitpointId, terminal, parts } = message;
  const createdAt = message.createdAt.toISOString();
  return { id, threadId, seq, role, kind, authorAgentId, bgoId, turnId, waitpointId, terminal, parts, createdAt };
}

export function waitpointView(waitpoint: Waitpoint, links: WaitLinks): WaitpointView {
  const { id, kind, status, call, threadId, question, schema, signature, resolution } = waitpoint;
  return {
    id,
    kind,
    status,
    bgoId: call?.ownerKind === "bgo" ? call.ownerId : null,
    threadId,
    question,
    schema,
    ...links.of(waitpoint),
    signature,
    approval: approvalView(waitpoint),
    expiresAt: waitpoint.dueAt.toISOString(),
    createdAt: waitpoint.createdAt.toISOString(),
    resolvedAt: iso(waitpoint.resolvedAt),
    resolvedBy: waitpoint.resolvedBy,
    resolution,
  };
}

function approvalView({ kind, call, args, argsHash }: Waitpoint): WaitpointView["approval"] {
  return kind !== "approval" || call === null || argsHash === null ? null : { tool: call.tool, args, argsHash };
}

export function turnView(turn: Turn): TurnView {
  return {
    id: turn.id,
    threadId: turn.threadId,
    status: turn.status,
    cause: turn.cause,
    userMessageId: turn.userMessageId,
    error: turn.error,
    createdAt: turn.createdAt.toISOString(),
    startedAt: iso(turn.startedAt),
    finishedAt: iso(turn.finishedAt),
  };
}

export function threadView(thread: ThreadSummary): ThreadView {
  return {
    id: thread.id,
    agentId: thread.agentId,
    agentSlug: thread.agentSlug,
    title: thread.title,
    lastSeq: thread.lastSeq,
    activeBgoCount: thread.activeBgoCount,
    latestTurn: thread.latestTurn === null ? null : turnView(thread.latestTurn),
    createdAt: thread.createdAt.toISOString(),
    updatedAt: thread.updatedAt.toISOString(),
  };
}

export function agentView(agent: Agent): AgentView {
  const { id, slug, version, name, model, systemPrompt, tools, metaTools, askTools, budget } = agent;
  const createdAt = agent.createdAt.toISOString();
  const updatedAt = agent.updatedAt.toISOString();
  return { id, slug, version, name, model, systemPrompt, tools, metaTools, askTools, budget, createdAt, updatedAt };
}

export function auditEntryView(entry: AuditEntry): AuditEntryView {
  const { id, actor, action, targetType, targetId, details } = entry;
  return { id, at: entry.at.toISOString(), actor, action, targetType, targetId, details };
}

/** Provider metadata stays inside: it means nothing to others and may hold a provider's own secrets. */
export function stepView({ stepNo, epoch, createdAt, step }: RecordedStep): StepView {
  const place = { stepNo, epoch, createdAt: createdAt.toISOString() };
  if (step.kind === "tool_intent") return { ...place, kind: step.kind, callId: step.callId, tool: step.tool };
  if (step.kind === "tool_result") {
    const { callId, tool, output, error } = step.result;
    return { ...place, kind: step.kind, callId, tool, output: output ?? null, error: error ?? null };
  }
  const { finishReason, usage, model, durationMs } = step.response;
  const parts = step.response.parts.map((part) =>
    part.type === "tool_call"
      ? { type: part.type, callId: part.callId, tool: part.tool, args: part.args }
      : { type: part.type, text: part.text },
  );
  return { ...place, kind: step.kind, parts, finishReason, usage, model, durationMs };
}
