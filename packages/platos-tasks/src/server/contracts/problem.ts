import { z } from "@hono/zod-openapi";

const fieldIssue = z.object({ path: z.string(), message: z.string() });

/** The body of every answer that is an error. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number(),
    detail: z.string().nullable().openapi({ description: "what happened and what to do next" }),
    instance: z.string().nullable(),
    code: z.string().openapi({ description: "stable, for programs: thread.not_found, idempotency.conflict, …" }),
    errors: z.array(fieldIssue).readonly(),
    traceId: z.string().nullable(),
  })
  .openapi("Problem");
