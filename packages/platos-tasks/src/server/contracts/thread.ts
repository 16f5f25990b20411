import { z } from "@hono/zod-openapi";
import { limits } from "../../core/caps.ts";
import { anyJson, anyJsonObject } from "./any-json.ts";

const failure = z.object({ code: z.string(), message: z.string() });

export const turn = z
  .object({
    id: z.string(),
    threadId: z.string(),
    status: z.enum(["queued", "running", "waiting", "completed", "failed"]),
    cause: z.enum(["message", "wake"]),
    userMessageId: z.string().nullable(),
    error: failure.nullable(),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    finishedAt: z.string().nullable(),
  })
  .openapi("Turn");

export const thread = z
  .object({
    id: z.string(),
    agentId: z.string(),
    agentSlug: z.string(),
    title: z.string().nullable(),
    lastSeq: z.number(),
    activeBgoCount: z.number(),
    latestTurn: turn.nullable(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .openapi("Thread");

export const createThreadBody = z
  .strictObject({ agent: z.string().min(1).max(64), title: z.string().max(limits.labelChars).optional() })
  .openapi("CreateThreadBody");

const messagePart = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("reasoning"), text: z.string() }),
  z.object({ type: z.literal("step-start") }),
  z.object({ type: z.literal("file"), url: z.string(), mediaType: z.string(), filename: z.string() }),
  z.object({
    type: z.literal("dynamic-tool"),
    toolName: z.string(),
    toolCallId: z.string(),
    state: z.enum(["input-available", "approval-requested", "output-available", "output-error"]),
    input: anyJson,
    output: anyJson.optional(),
    errorText: z.string().optional(),
    approval: z.object({ id: z.string() }).optional(),
  }),
  z.object({ type: z.literal("data-bgo"), id: z.string(), data: anyJsonObject }),
]);

export const message = z
  .object({
    id: z.string(),
    threadId: z.string(),
    seq: z.number(),
    role: z.enum(["user", "assistant", "tool", "system"]),
    kind: z.enum(["chat", "progress", "question", "bgo_completed", "bgo_failed", "bgo_cancelled"]),
    authorAgentId: z.string().nullable(),
    bgoId: z.string().nullable(),
    turnId: z.string().nullable(),
    waitpointId: z.string().nullable().openapi({ description: "the wait that it asks for, or that it answered" }),
    terminal: z.boolean(),
    parts: z.array(messagePart).readonly(),
    createdAt: z.string(),
  })
  .openapi("Message");

export const postMessageBody = z
  .strictObject({
    text: z.string().min(1).max(limits.messageChars),
    inReplyTo: z
      .string()
      .max(64)
      .optional()
      .openapi({ description: "waitpoint of the question it answers; else the oldest open one of the thread" }),
    idempotencyKey: z.string().min(1).max(limits.idempotencyKeyChars).optional(),
  })
  .openapi("PostMessageBody");

export const messageReceipt = z
  .object({
    messageId: z.string(),
    turnId: z.string(),
    answeredWaitpointId: z.string().nullable().openapi({ description: "the wait of a BGO that it answered" }),
  })
  .openapi("MessageReceipt");

export const messageQuery = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_147_483_647)
    .default(0)
    .openapi({ description: "seq of the last message you have" }),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
