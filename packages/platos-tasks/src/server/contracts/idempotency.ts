import { z } from "@hono/zod-openapi";
import { limits } from "../../core/caps.ts";

/** The header of a request that may be sent again. What it holds is checked together with the body's field. */
export const idempotencyHeader = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .openapi({
      description: `the same as the field idempotencyKey, ${limits.idempotencyKeyChars} characters at most; with another body a 409`,
    }),
});
