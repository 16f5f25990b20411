import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { PlatosError } from "../core/errors.ts";

/** Refuses a body of more bytes with `request.too_large`, before it is read to its end. */
export function limitBytes(maxSize: number): MiddlewareHandler {
  const error = (): PlatosError =>
    new PlatosError("request.too_large", `A request may have ${maxSize} bytes here. Make this one smaller.`);
  return bodyLimit({ maxSize, onError: () => Promise.reject(error()) });
}
