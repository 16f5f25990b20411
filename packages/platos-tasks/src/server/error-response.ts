import type { Context } from "hono";
import { PlatosError } from "../core/errors.ts";
import type { Log } from "../core/ports/log.ts";
import { problemResponse } from "./problem.ts";

type Request = Pick<Context, "req"> & { readonly var: { readonly traceId: string } };

/** The error as a problem; what is not for outsiders goes to the log. */
export function errorResponse(c: Request, error: unknown, log: Log): Response {
  const request = { path: pathOf(c), traceId: c.var.traceId };
  if (!PlatosError.is(error) || error.code === "internal") {
    log.error("a request failed", { ...request, error: String(error) });
  }
  return problemResponse(error, request);
}

/** Tokens of links are secrets: they stand in no log. */
function pathOf(c: Request): string {
  return c.req.path.replace(/^\/(w|hooks)\/.*$/su, "/$1/…");
}
