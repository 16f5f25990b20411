import type { MiddlewareHandler } from "hono";
import { PlatosError } from "../core/errors.ts";
import { mediaTypeOf } from "./form-body.ts";

const json = "application/json";

/**
 * A form that poses as JSON, or JSON that poses as a form, is refused before it is read. Where there is no body its type
 * means nothing: many clients send one with every POST, and as many send none.
 */
export const requireJson: MiddlewareHandler = async (c, next) => {
  if (["GET", "HEAD", "DELETE", "OPTIONS"].includes(c.req.method)) return next();
  const { headers } = c.req.raw;
  if (!hasBody(headers)) headers.delete("content-type");
  else if (mediaTypeOf(c) !== json) {
    throw new PlatosError("request.media_type", `Send the body as JSON, with Content-Type: ${json}.`);
  }
  // The framework knows fewer spellings of a type and its parameters than HTTP does.
  else headers.set("content-type", json);
  return next();
};

/** What the headers say, since every POST comes with a stream. Source: RFC 9112, section 6.3. */
function hasBody(headers: Headers): boolean {
  return headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0;
}
