import { z } from "@hono/zod-openapi";
import { waitLimits, waitpointKinds, waitpointStatuses } from "../../core/waitpoint.ts";
import { questionField, timeoutField } from "../../meta-tools/wait-fields.ts";
import { anyJson, anyJsonObject } from "./any-json.ts";
import { actor } from "./bgo.ts";
import { pageQuery } from "./page.ts";

const signature = z.object({
  secret: z.string().openapi({ description: "name of a secret in the server's configuration" }),
  header: z
    .string()
    .optional()
    .openapi({ description: "holds the hex HMAC-SHA256 of the body; absent: Standard Webhooks" }),
});

export const waitpoint = z
  .object({
    id: z.string(),
    kind: z.enum(waitpointKinds),
    status: z.enum(waitpointStatuses),
    bgoId: z.string().nullable(),
    threadId: z.string().nullable(),
    question: z.string().nullable(),
    schema: anyJsonObject.nullable(),
    publicUrl: z.string().nullable().openapi({ description: "the page that answers it, while it is open" }),
    webhookUrl: z.string().nullable().openapi({ description: "where webhooks and e-mail answer it, while it is open" }),
    signature: signature.nullable(),
    approval: z.object({ tool: z.string(), args: anyJson, argsHash: z.string() }).nullable(),
    expiresAt: z.string(),
    createdAt: z.string(),
    resolvedAt: z.string().nullable(),
    resolvedBy: actor.nullable(),
    resolution: anyJson,
  })
  .openapi("Waitpoint");

export const waitpointQuery = z.object({
  ...pageQuery,
  status: z.enum(waitpointStatuses).optional(),
  kind: z.enum(waitpointKinds).optional(),
  bgo: z.string().max(64).optional(),
  thread: z.string().max(64).optional(),
});

export const createTokenBody = z
  .strictObject({
    question: questionField.optional(),
    schema: z
      .record(z.string(), anyJson)
      .optional()
      .openapi({ type: "object", description: "JSON Schema of the answer" }),
    timeoutSeconds: timeoutField,
    signature: z
      .strictObject({
        secret: z.string().regex(/^[\w-]{1,64}$/u, "letters, digits, hyphens and underscores"),
        header: z
          .string()
          .regex(/^[a-z0-9-]{1,64}$/iu, "the name of a header")
          .optional(),
      })
      .optional(),
  })
  .openapi("CreateTokenBody");

export const completeBody = z
  .strictObject({
    value: anyJson.optional().openapi({
      description: `any JSON value that fits the schema, ${waitLimits.valueBytes} characters at most; of a reply: text or {text}; of an approval: {decision, args?, reason?, argsHash?}; of a time: none`,
    }),
  })
  .openapi("CompleteWaitpointBody");

export const failBody = z.strictObject({ reason: z.string().min(1).max(500) }).openapi("FailWaitpointBody");
