import type { Waitpoint } from "@platos-tasks/client";

/** What every form of a wait gets. It stays on screen when the wait is over, to keep what was typed and not sent. */
export interface WaitFormProps {
  readonly waitpoint: Waitpoint;
  /** An answer from here was taken. */
  readonly onAnswered: () => void;
}
