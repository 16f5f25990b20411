import { z } from "@hono/zod-openapi";
import { statuses } from "../../core/lifecycle.ts";
import { budgetSchema } from "../../meta-tools/budget-schema.ts";
import { spawnFields } from "../../meta-tools/spawn-bgo.ts";
import { anyJson, anyJsonObject } from "./any-json.ts";
import { instant, pageQuery } from "./page.ts";

const failure = z.object({ code: z.string(), message: z.string() });

const usage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.number().nullable().openapi({ description: "null when the price of some call is not known" }),
});

export const budget = z.object({
  maxTurns: z.number().optional(),
  maxTokens: z.number().optional(),
  maxCostUsd: z.number().optional(),
  maxDurationSeconds: z.number().optional(),
});

export const bgo = z
  .object({
    id: z.string(),
    status: z.enum(statuses),
    reason: z.string().nullable(),
    threadId: z.string(),
    agentId: z.string(),
    parentBgoId: z.string().nullable(),
    depth: z.number(),
    label: z.string().nullable(),
    prompt: z.string(),
    tools: z.array(z.string()).readonly(),
    budget,
    onComplete: z.enum(["message", "wake"]),
    output: anyJson,
    error: failure.nullable(),
    progress: z.object({ message: z.string(), fraction: z.number().optional() }).nullable(),
    attempt: z.number(),
    usage,
    modelCalls: z.number(),
    idempotencyKey: z.string().nullable(),
    engine: z.string(),
    engineRunId: z.string().nullable(),
    rev: z.number(),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    runAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
  })
  .openapi("Bgo");

/** The body of a spawn: what `spawn_bgo` takes, and what only a caller from outside may say. */
export const spawnBody = z
  .strictObject({
    ...spawnFields,
    budget: budgetSchema.optional(),
    agent: z.string().max(64).optional().openapi({ description: "id or slug; required without threadId" }),
    runAt: instant.optional().openapi({ description: "in the past: runs at once" }),
  })
  .openapi("SpawnBody");

export const spawnReceipt = z
  .object({
    bgoId: z.string(),
    status: z.enum(statuses),
    threadId: z.string(),
    deduplicated: z.boolean(),
    runAt: z.string().nullable(),
    ranAtOnce: z.boolean().openapi({ description: "true when runAt lay in the past" }),
  })
  .openapi("SpawnReceipt");

export const rescheduleBody = z
  .strictObject({ runAt: instant.openapi({ description: "in the past: runs at once" }) })
  .openapi("RescheduleBody");

export const scheduleReceipt = z
  .object({ bgoId: z.string(), status: z.enum(statuses), runAt: z.string().nullable(), ranAtOnce: z.boolean() })
  .openapi("ScheduleReceipt");

const statusList = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(statuses)).max(statuses.length))
  .openapi({ type: "string", description: `comma-separated: ${statuses.join(", ")}` });

export const bgoQuery = z.object({
  ...pageQuery,
  status: statusList.optional(),
  thread: z.string().max(64).optional(),
  agent: z.string().max(64).optional().openapi({ description: "id or slug" }),
  q: z.string().min(1).max(200).optional(),
  since: instant.optional(),
});

export const cancelBody = z.strictObject({ reason: z.string().max(500).optional() }).openapi("CancelBody");

export const cancelReceipt = z
  .object({ outcome: z.enum(["cancelled", "already_completed", "already_failed", "already_cancelled"]) })
  .openapi("CancelReceipt");

const place = { stepNo: z.number(), epoch: z.number(), createdAt: z.string() };

const modelPart = z.union([
  z.object({ type: z.enum(["text", "reasoning"]), text: z.string() }),
  z.object({ type: z.literal("tool_call"), callId: z.string(), tool: z.string(), args: anyJson }),
]);

export const step = z
  .discriminatedUnion("kind", [
    z.object({
      ...place,
      kind: z.literal("model"),
      parts: z.array(modelPart).readonly(),
      finishReason: z.enum(["stop", "tool_calls", "length", "content_filter", "other"]),
      usage,
      model: z.string(),
      durationMs: z.number(),
    }),
    z.object({ ...place, kind: z.literal("tool_intent"), callId: z.string(), tool: z.string() }),
    z.object({
      ...place,
      kind: z.literal("tool_result"),
      callId: z.string(),
      tool: z.string(),
      output: anyJson,
      error: failure.nullable(),
    }),
  ])
  .openapi("Step");

export const stepQuery = z.object({
  // An empty one would count as 0, and the first step would be left out.
  cursor: z
    .preprocess(
      (given) => (given === "" ? undefined : given),
      z.coerce.number().int().min(-1).max(2_147_483_647).default(-1),
    )
    .openapi({ type: "integer", description: "number of the last step you have" }),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});

export const actor = z.object({
  type: z.enum(["api_key", "session", "agent", "worker", "system", "link", "webhook"]),
  id: z.string().nullable(),
});

export const auditEntry = z
  .object({
    id: z.string(),
    at: z.string(),
    actor,
    action: z.string(),
    targetType: z.string(),
    targetId: z.string(),
    details: anyJsonObject,
  })
  .openapi("AuditEntry");
