/**
 * Stable error codes. HTTP status, MCP error and exit codes are mappings kept by the doors, never here.
 */
export type ErrorCode =
  | "agent.not_found"
  | "approval.denied"
  | "artifact.not_found"
  | "artifact.too_large"
  | "bgo.cap_reached"
  | "bgo.not_found"
  | "bgo.not_scheduled"
  | "budget.exceeded"
  | "cluster.member_not_found"
  | "definition.not_found"
  | "egress.refused"
  | "idempotency.conflict"
  | "input.invalid"
  | "internal"
  | "key.forbidden"
  | "key.invalid"
  | "key.not_found"
  | "limit.exceeded"
  | "model.failed"
  | "model.key_missing"
  | "model.not_found"
  | "model.refused"
  | "request.foreign_host"
  | "request.foreign_origin"
  | "request.malformed"
  | "request.media_type"
  | "request.method"
  | "request.too_large"
  | "route.not_found"
  | "schedule.cancelled"
  | "schedule.cap_reached"
  | "schedule.not_found"
  | "segment.superseded"
  | "store.commit_unknown"
  | "store.unavailable"
  | "thread.not_found"
  | "tool.failed"
  | "tool.not_found"
  | "turn.not_found"
  | "wait.failed"
  | "waitpoint.expired"
  | "waitpoint.not_found"
  | "waitpoint.resolved"
  | "webhook.not_signed"
  | "worker.crashed";

/** One field that was refused: `path` in the body's own words (`budget.maxTurns`). */
export interface FieldIssue {
  readonly path: string;
  readonly message: string;
}

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly issues?: readonly FieldIssue[];
  /** Trying again may help; `retryAfterMs` says when, if somebody told us. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

const marker = Symbol.for("platos-tasks.error");

/** The one error class. The message says what happened and what to do next. */
export class PlatosError extends Error {
  override readonly name = "PlatosError";
  readonly code: ErrorCode;
  readonly issues: readonly FieldIssue[];
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.issues = details.issues ?? [];
    this.retryable = details.retryable ?? false;
    this.retryAfterMs = details.retryAfterMs ?? null;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for errors of any copy of this class, also across duplicated packages. */
  static is(error: unknown): error is PlatosError {
    return typeof error === "object" && error !== null && marker in error;
  }
}

/** The database is away: nothing can be written now, and what was written is known only to it. */
export function isStoreFailure(error: unknown): error is PlatosError {
  return PlatosError.is(error) && (error.code === "store.unavailable" || error.code === "store.commit_unknown");
}

/** What is stored and shown of a failure: never a stack, never a cause. */
export interface FailureView {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Reduces anything thrown to what may be stored and shown. */
export function failureView(error: unknown): FailureView {
  if (PlatosError.is(error)) return { code: error.code, message: error.message };
  return { code: "internal", message: "An internal error stopped this. The worker's log has the details." };
}
