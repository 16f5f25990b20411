/** One field that was refused; `path` in the body's own words (`budget.maxTurns`). */
export interface FieldIssue {
  readonly path: string;
  readonly message: string;
}

/** The body of every error answer: `application/problem+json`, RFC 9457, with our members after `instance`. */
export interface Problem {
  /** A URI reference that names the kind of problem; `about:blank` when `title` says it all. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status, or 0 when no answer came at all. */
  readonly status: number;
  /** What happened and what to do next, for people. */
  readonly detail: string | null;
  readonly instance: string | null;
  /** Stable and for programs: `thread.not_found`, `idempotency.conflict`, … */
  readonly code: string;
  readonly errors: readonly FieldIssue[];
  readonly traceId: string | null;
}
