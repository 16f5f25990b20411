import type { Context } from "hono";
import { limits } from "../core/caps.ts";
import { PlatosError } from "../core/errors.ts";

/** The key of a request: the header and the field of the body mean the same, and must not say different things. */
export function idempotencyKeyOf(c: Context, fromBody: string | undefined): { idempotencyKey?: string } {
  const header = c.req.header("idempotency-key");
  if (header === undefined || header === "") return fromBody === undefined ? {} : { idempotencyKey: fromBody };
  if (header.length > limits.idempotencyKeyChars) {
    throw new PlatosError("input.invalid", `The Idempotency-Key may have ${limits.idempotencyKeyChars} characters.`, {
      issues: [{ path: "Idempotency-Key", message: "too long" }],
    });
  }
  if (fromBody !== undefined && fromBody !== header) {
    throw new PlatosError(
      "request.malformed",
      "The header Idempotency-Key and the field idempotencyKey differ. Send one of them.",
      {
        issues: [{ path: "idempotencyKey", message: "differs from the header" }],
      },
    );
  }
  return { idempotencyKey: header };
}
