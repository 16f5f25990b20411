import type { CancelOutcome } from "@platos-tasks/client";

import { api } from "../api.ts";

/** `POST /api/v1/platos-tasks/{id}/cancel`; the row itself follows as an event. */
export async function cancelBgo(bgoId: string): Promise<CancelOutcome> {
  const { outcome } = await api.bgos.cancel(bgoId);
  return outcome;
}

/** What really happened, for people. */
export const cancelOutcomeWords: Readonly<Record<CancelOutcome, string>> = {
  cancelled: "Cancelled.",
  already_completed: "It had completed before the cancel took effect. Its result was kept.",
  already_failed: "It had failed before the cancel took effect.",
  already_cancelled: "It was cancelled already.",
};
