/** What is shown of a failure: never a stack, never a cause. */
export interface Failure {
  /** Stable and for programs. */
  readonly code: string;
  readonly message: string;
}
