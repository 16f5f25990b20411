import type { Problem } from "@platos-tasks/client";
import { type ErrorCode, PlatosError } from "../core/errors.ts";

interface Kind {
  readonly status: number;
  readonly title: string;
}

/** The one mapping of error codes to HTTP. */
const kinds: Readonly<Record<ErrorCode, Kind>> = {
  "agent.not_found": { status: 404, title: "No such agent" },
  "approval.denied": { status: 403, title: "Not approved" },
  "artifact.not_found": { status: 404, title: "No such artifact" },
  "artifact.too_large": { status: 413, title: "Artifact too large" },
  "bgo.cap_reached": { status: 422, title: "Cap reached" },
  "bgo.not_found": { status: 404, title: "No such BGO" },
  "bgo.not_scheduled": { status: 409, title: "Not scheduled" },
  "budget.exceeded": { status: 422, title: "Budget exceeded" },
  "cluster.member_not_found": { status: 404, title: "No such cluster member" },
  "definition.not_found": { status: 404, title: "No such authored BGO" },
  "egress.refused": { status: 422, title: "Address refused" },
  "idempotency.conflict": { status: 409, title: "Idempotency key used with another body" },
  "input.invalid": { status: 422, title: "Invalid input" },
  internal: { status: 500, title: "Internal error" },
  "key.forbidden": { status: 403, title: "Not allowed with this key" },
  "key.invalid": { status: 401, title: "Missing or unknown key" },
  "key.not_found": { status: 404, title: "No such key" },
  "limit.exceeded": { status: 429, title: "Too many requests" },
  "model.failed": { status: 502, title: "The model failed" },
  "model.key_missing": { status: 422, title: "No key for the model's provider" },
  "model.not_found": { status: 404, title: "No such model" },
  "model.refused": { status: 422, title: "The model refused" },
  "request.foreign_host": { status: 403, title: "Foreign host" },
  "request.foreign_origin": { status: 403, title: "Foreign origin" },
  "request.malformed": { status: 400, title: "Malformed request" },
  "request.media_type": { status: 415, title: "Unsupported media type" },
  "request.method": { status: 405, title: "Method not allowed" },
  "request.too_large": { status: 413, title: "Request too large" },
  "route.not_found": { status: 404, title: "No such address" },
  "schedule.cancelled": { status: 409, title: "Schedule cancelled" },
  "schedule.cap_reached": { status: 422, title: "Too many schedules" },
  "schedule.not_found": { status: 404, title: "No such schedule" },
  "segment.superseded": { status: 409, title: "Superseded" },
  "store.commit_unknown": { status: 503, title: "Outcome unknown" },
  "store.unavailable": { status: 503, title: "Database unavailable" },
  "thread.not_found": { status: 404, title: "No such thread" },
  "tool.failed": { status: 502, title: "The tool failed" },
  "tool.not_found": { status: 404, title: "No such tool" },
  "turn.not_found": { status: 404, title: "No such turn" },
  "wait.failed": { status: 422, title: "The wait failed" },
  "waitpoint.expired": { status: 410, title: "Too late" },
  "waitpoint.not_found": { status: 404, title: "No such waitpoint" },
  "waitpoint.resolved": { status: 409, title: "Answered before" },
  "webhook.not_signed": { status: 401, title: "Signature missing or wrong" },
  "worker.crashed": { status: 500, title: "The worker crashed" },
};

const unavailableRetrySeconds = 2;

/** An error as `application/problem+json` (RFC 9457). What is not ours becomes a 500 that says nothing but its id. */
export function problemResponse(
  error: unknown,
  request: { readonly path: string; readonly traceId: string },
): Response {
  const known = PlatosError.is(error)
    ? error
    : new PlatosError("internal", `Something went wrong here. The log has it under ${request.traceId}.`);
  const { status, title } = kinds[known.code];
  const body: Problem = {
    type: "about:blank",
    title,
    status,
    detail: known.message,
    instance: request.path,
    code: known.code,
    errors: known.issues,
    traceId: request.traceId,
  };
  const headers = new Headers({ "content-type": "application/problem+json", "cache-control": "no-store" });
  // The rest of an oversized body is not read, so the connection cannot be used again.
  if (status === 413) headers.set("connection", "close");
  if (known.code === "key.invalid") headers.set("www-authenticate", "Bearer");
  if (status === 503 || status === 429) {
    const seconds = known.retryAfterMs === null ? unavailableRetrySeconds : Math.ceil(known.retryAfterMs / 1000);
    headers.set("retry-after", String(seconds));
  }
  return new Response(JSON.stringify(body), { status, headers });
}
